"""Measurements of the shipped bundles (speed, quality, size) and of other systems for comparison."""
