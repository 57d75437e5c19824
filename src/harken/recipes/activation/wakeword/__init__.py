"""Wake word: prepare, train, export, score."""
