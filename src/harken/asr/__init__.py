"""What was said? Acoustic model, language model, decoder, recogniser."""
