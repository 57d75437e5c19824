"""Training of the pronouncer."""
