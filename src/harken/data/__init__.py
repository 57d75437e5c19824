"""Utterances, corpora and how sound is mixed for training and measuring."""
