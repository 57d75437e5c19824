"""How the voice learns: aligned speech, vocoder, acoustic model."""
