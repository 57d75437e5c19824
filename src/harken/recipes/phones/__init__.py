"""Recipes of the pronunciations."""
