"""English as only the voice reads it: forms whose reading depends on their neighbours, and signs without letters."""
