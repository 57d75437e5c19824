"""Confidence: calibrated probabilities of words and sentences (method 5)."""
