"""Acoustic model of a voice: prepare, train, export, score."""
