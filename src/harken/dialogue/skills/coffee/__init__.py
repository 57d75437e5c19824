"""The skill 'coffee'."""
