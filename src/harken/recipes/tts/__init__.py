"""Recipes of the voice."""
