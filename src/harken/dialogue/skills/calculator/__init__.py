"""The skill 'calculator'."""
