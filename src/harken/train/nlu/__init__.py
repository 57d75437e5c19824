"""Training of the interpreter."""
