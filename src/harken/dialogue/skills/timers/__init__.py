"""The skill 'timers'."""
