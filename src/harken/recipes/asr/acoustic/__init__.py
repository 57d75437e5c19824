"""The streaming phone acoustic model, trained by lattice-free MMI."""
