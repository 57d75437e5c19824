"""The skill 'conversation'."""
