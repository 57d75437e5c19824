"""Recipes of understanding."""
