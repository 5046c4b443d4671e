"""Every sentence of the owner's pages, in Korean and English, from one catalogue that cannot change."""

import json
import string
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import cast

from server.console.language import Language


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language.

    Attributes
    ----------
    language
        Theirs.
    entries
        Sentences by key; parts in braces are filled in.
    """

    language: Language
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its parts filled in; KeyError for a key or a part that is missing."""
        return self.entries[key].format_map(values) if values else self.entries[key]

    def has(self, key: str) -> bool:
        """Say whether there is such a text."""
        return key in self.entries

    def of_code(self, code: str, other: str = "problem.other") -> str:
        """Return the sentence for a problem's code, or one that fits any."""
        key = f"problem.{code}"
        return self(key if self.has(key) else other)


@lru_cache
def texts(language: Language) -> Texts:
    """Return the texts of a language."""
    entries = {key: both[language] for key, both in catalogue().items()}
    return Texts(language, MappingProxyType(entries))


@lru_cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return the whole catalogue, from all its files: key, then language."""
    pairs: list[tuple[str, object]] = []
    for part in sorted((files(__package__) / "catalogue").iterdir(), key=lambda path: path.name):
        pairs += json.loads(part.read_text("utf-8"), object_pairs_hook=_once).items()
    read = cast("dict[str, dict[str, str]]", _once(pairs))
    return MappingProxyType({key: MappingProxyType(both) for key, both in read.items()})


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    twice = sorted(key for key, count in Counter(keys).items() if count > 1)
    if twice:
        raise ValueError(f"the catalogue has keys twice: {', '.join(twice)}")
    return dict(pairs)


def parts_of(text: str) -> set[str]:
    """Return the names of the parts of a text that are filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
