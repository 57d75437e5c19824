"""The skill 'lists'."""
