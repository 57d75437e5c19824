"""Is it for me? Wake word, end-pointing, gate."""
