"""The running whole and its edges."""
