"""Recipes of the always-on networks."""
