"""Handing out patterns to shops, so that those which can be confused are never near each other."""
