"""Recipe of the interpreter."""
