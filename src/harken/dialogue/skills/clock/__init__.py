"""The skill 'clock'."""
