"""Training of the always-on networks: wake word and end-pointing."""
