"""Letters and words: normalisation, numbers, grammars."""
