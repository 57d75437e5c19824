"""The skill 'home'."""
