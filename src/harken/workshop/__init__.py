"""Where skills are created, checked, built and registered."""
