"""Sound events: prepare, train, export, score."""
