"""Other people's engines in the place of a stage, named by one line of the profile."""
