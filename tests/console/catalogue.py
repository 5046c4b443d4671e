"""The pages' texts read from their file, apart from the code that reads them for the pages."""

import json
from functools import lru_cache
from pathlib import Path

PATH = Path(__file__).parents[2] / "server" / "console" / "texts.json"


@lru_cache
def catalogue():
    return json.loads(PATH.read_text("utf-8"))


def words(language, key, **values):
    return catalogue()[key][language].format(**values)
