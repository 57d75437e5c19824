"""Phrases found by the phones of the acoustic model, without any training of their own."""
