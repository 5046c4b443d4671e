"""The cases of ``patterns/vectors/codebook.json``: numbers, addresses, serials and tips of a family."""

import random
from functools import cache
from pathlib import Path

from stampsdk.codebook import Codebook, SerialError, load_family
from stampsdk.codebook._frame import frame_of
from stampsdk.codebook._rules import rules_of
from tests.vectors import heads
from tests.vectors.shapes import mirrored, press
from tests.vectors.writing import rounded

PATTERNS = Path(__file__).parents[2] / "patterns"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"


@cache
def book():
    """Return the codebook that the repository carries."""
    return Codebook.load(
        PATTERNS / "codebooks" / "small.npz", load_family(PATTERNS / "families" / "small.toml")
    )


def document():
    """Return the whole file."""
    numbers = _numbers()
    return {
        "about": heads.CODEBOOK,
        "family": _family(),
        "stamps": [_stamp(number) for number in numbers],
        "readings": list(_readings(numbers)),
        "touched": list(_touched(numbers)),
        "refused": list(_refused(numbers)),
    }


def _family():
    family = book().family
    frame = frame_of(rules_of(family).frame.gauge)
    return {
        "name": family.name,
        "patterns": len(book()),
        "sha256": book().digest(),
        "tips": family.tips,
        "dimensions": 2 * family.tips - 3,
        "letters": LETTERS,
        "symbols": 10,
        "unit_mm": round(family.unit_mm, 12),
        "offset": [float(value) for value in family.offset()],
        "gauge": _complex(frame.gauge),
        "across": [_complex(row) for row in frame.across],
    }


def _complex(row):
    return rounded([(value.real, value.imag) for value in row], 12)


def _numbers():
    rng = random.Random(1)
    return [0, 1, *sorted(rng.sample(range(2, len(book()) - 1), 17)), len(book()) - 1]


def _stamp(number):
    return {
        "number": number,
        "address": book().addresses[number].tolist(),
        "serial": book().serial(number),
        "tips_um": book().steps([number])[0].tolist(),
    }


def _readings(numbers):
    serials = {number: book().serial(number) for number in range(2000)}
    zero = next(number for number, text in serials.items() if "0" in text)
    one = next(number for number, text in serials.items() if "1" in text)
    texts = [
        (numbers[2], book().serial(numbers[2]).lower()),
        (numbers[3], book().serial(numbers[3]).replace("-", "")),
        (numbers[4], f"  {book().serial(numbers[4]).replace('-', ' ')} "),
        (zero, serials[zero].replace("0", "O")),
        (zero, serials[zero].replace("0", "o")),
        (one, serials[one].replace("1", "I")),
        (one, serials[one].replace("1", "l")),
    ]
    # Every check symbol that is no letter or digit occurs, since a keyboard may not offer it.
    for symbol in "*~$=U":
        number = next(number for number, text in serials.items() if text.endswith(symbol))
        texts.append((number, serials[number]))
    for number, text in texts:
        assert book().number_of_serial(text) == number
        yield {"text": text, "number": number}


def _touched(numbers):
    rng = random.Random(2)
    for number in numbers[:8]:
        touches = press(rng, book().points([number])[0].tolist(), 0.0)
        yield _answered(touches)
    tips = book().points([numbers[8]])[0].tolist()
    yield _answered(mirrored(tips))
    yield _answered([[round(tips[0][0] + 0.5, 3), tips[0][1]], *tips[1:]])
    yield _answered(rounded([(1.02 * x, 1.02 * y) for x, y in tips], 4))


def _answered(touches):
    return {"touches_mm": touches, "number": book().number_of(touches)}


def _refused(numbers):
    good = book().serial(numbers[5])
    plain = good.replace("-", "")
    changed = plain[:3] + ("7" if plain[3] != "7" else "8") + plain[4:]
    place = next(k for k in range(9) if plain[k] != plain[k + 1])
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    for reason, text in [
        ("serial_length", ""),
        ("serial_length", plain[:-1]),
        ("serial_length", f"{plain}0"),
        ("serial_symbol", f"{plain[:4]}U{plain[5:]}"),
        ("serial_symbol", f"{plain[:4]}*{plain[5:]}"),
        ("serial_symbol", f"{plain[:4]}é{plain[5:]}"),
        ("serial_check", changed),
        ("serial_check", swapped),
        ("serial_symbol", f"{plain[:-1]}?"),
        ("serial_range", _serial([1 << 49])),
        ("serial_unknown", _serial([0])),
        ("serial_unknown", _serial(_reversed_digits(numbers[5]))),
    ]:
        assert _refusal(text) == reason, text
        yield {"text": text, "reason": reason}


def _refusal(text):
    try:
        number = book().number_of_serial(text)
    except SerialError as error:
        return error.code
    return f"read as {number}"


def _reversed_digits(number):
    """Return the digits of an address, last first: a whole number each, but no pattern."""
    return [int(value) + 64 for value in book().addresses[number][::-1]]


def _serial(digits):
    """Return the text of digits in base 128, whatever they are."""
    number = 0
    for digit in digits:
        number = number * 128 + digit
    text = "".join(LETTERS[number >> 5 * place & 31] for place in range(9, -1, -1)) + LETTERS[number % 37]
    return f"{text[:5]}-{text[5:10]}-{text[10:]}"
