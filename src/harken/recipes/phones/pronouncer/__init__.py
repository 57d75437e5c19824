"""Pronouncer: pronunciations of unseen words from their letters."""
