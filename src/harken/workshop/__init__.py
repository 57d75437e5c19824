"""Where skills are made: a folder to start from, checked, built, scored, registered."""
