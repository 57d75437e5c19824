"""Where skills are created, checked, built, scored and registered."""
