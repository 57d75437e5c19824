"""Vocoder: prepare, train, export, score."""
