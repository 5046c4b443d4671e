"""Challenges, presses and visits: what makes a press count, once."""
