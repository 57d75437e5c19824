"""The complete assistant and its edges."""
