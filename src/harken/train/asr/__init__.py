"""Training of the recogniser: the lattice-free MMI objective, the acoustic network, its data and alignments."""
