"""Registered stamps: their patterns, their places, and the index that finds them."""
