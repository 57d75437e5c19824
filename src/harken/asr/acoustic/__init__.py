"""Sound to scores: the acoustic network, and who is speaking."""
