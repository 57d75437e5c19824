"""American English: tables in `language.toml`, rules in the modules here, sentences of the shipped skills in `skills/`."""
