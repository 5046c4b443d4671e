"""Programmes: so many stamps on a card become a coupon."""
