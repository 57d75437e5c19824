"""What can be said, spelled in phones: acceptors of words, the graphs made from them, and where these are kept."""
