"""End-pointing: prepare, train, export, score."""
