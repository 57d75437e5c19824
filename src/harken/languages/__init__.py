"""Languages: what belongs to one language, each in a folder, behind one frozen `Locale`."""
