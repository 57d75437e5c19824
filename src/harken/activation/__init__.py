"""What the assistant should listen to: wake word, end-pointing, gate."""
