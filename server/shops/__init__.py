"""Shops and the areas on the map that are theirs."""
