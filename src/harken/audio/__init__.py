"""Sound as numbers: files in and out, resampling, blocks, features."""
