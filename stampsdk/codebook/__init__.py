"""Patterns for manufacture: how tips are placed on a face."""

from stampsdk.codebook._random import random_patterns

__all__ = ["random_patterns"]
