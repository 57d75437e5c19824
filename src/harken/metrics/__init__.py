"""Numbers from (reference, estimate)."""
