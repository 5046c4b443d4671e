"""How the vectors are written: plain JSON, one case a line, so that a change can be read."""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "patterns" / "vectors"
MADE_BY = "python -m tests.vectors"


def text_of(document):
    """Return a document as JSON; of lists that are not figures alone, every entry has a line of its own."""
    parts = [f"{json.dumps(key)}: {_value(value)}" for key, value in document.items()]
    return "{" + ",\n".join(parts) + "}\n"


def _value(value):
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(map(_line, value)) + "]"
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f" {json.dumps(key)}: {_line(entry)}" for key, entry in value.items()) + "}"
    return _line(value)


def _line(value):
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def read(name):
    """Return a published document."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def rounded(points, digits):
    """Return points as lists of floats with so many digits; never -0.0."""
    return [[round(float(x), digits) + 0.0, round(float(y), digits) + 0.0] for x, y in points]
