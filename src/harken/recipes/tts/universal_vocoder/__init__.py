"""Universal vocoder: prepare, train, export, score."""
