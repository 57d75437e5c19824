"""The skill 'elsewhere'."""
