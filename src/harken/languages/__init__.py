"""Languages: each is a folder, which becomes one frozen `Locale`."""
