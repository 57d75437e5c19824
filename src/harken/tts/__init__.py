"""Say it: text front end, acoustic model, vocoder, voice."""
