"""Training of the voice: aligned speech, vocoder, acoustic model."""
