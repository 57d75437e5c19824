"""The only place with torch: loop, checkpoint, export, networks, then one folder per stage."""
