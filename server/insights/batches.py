"""Cutting long lists of identifiers: a statement takes a limited number of values."""

from collections.abc import Iterable, Iterator
from itertools import islice


def batches(items: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    """Give `items` in lists of at most `size`; none where there are no items."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
