"""The general language model: prepare, train, export, score."""
