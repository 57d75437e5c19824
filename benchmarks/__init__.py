"""Measurements of the shipped bundles: speed, quality, and other systems beside them."""
