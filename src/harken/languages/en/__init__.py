"""American English: tables in `language.toml`, rules in the modules here, sentences of shipped skills in `skills/`."""
