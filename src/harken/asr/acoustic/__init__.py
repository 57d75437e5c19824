"""Sound to scores: the acoustic network, and who is speaking."""

STEP_FRAMES = 3
"""Feature frames (10 ms) of one step of the acoustic model (30 ms)."""
