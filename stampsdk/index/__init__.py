"""Exact search for the registered patterns that a press may show."""

from stampsdk.index._errors import IndexFileError
from stampsdk.index._results import BatchHits, Hits
from stampsdk.index._warming import warm_up
from stampsdk.index.pattern_index import PatternIndex

__all__ = ["BatchHits", "Hits", "IndexFileError", "PatternIndex", "warm_up"]
