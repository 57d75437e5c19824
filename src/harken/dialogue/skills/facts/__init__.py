"""The skill 'facts'."""
