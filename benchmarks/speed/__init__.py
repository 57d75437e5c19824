"""How long things take, on one core, medians of five runs or more."""
