"""Recipes of the recogniser: acoustic model, language model."""
