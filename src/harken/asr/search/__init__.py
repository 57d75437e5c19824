"""From scores to sentences: search spaces, the beam search, its lattice and the best sentences of that."""
