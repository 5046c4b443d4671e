"""The pages' texts read from their files, apart from the code that reads them for the pages."""

import json
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "server" / "console" / "catalogue"


@lru_cache
def catalogue():
    return {
        key: both
        for path in sorted(FOLDER.glob("*.json"))
        for key, both in json.loads(path.read_text("utf-8")).items()
    }


def words(language, key, **values):
    return catalogue()[key][language].format(**values)
