"""Training of what understands."""
