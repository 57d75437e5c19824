"""Utterances, corpora, and mixing sound for training and measuring."""
