"""Letters made of strokes, so that what is engraved does not depend on the fonts of a workshop.

Only the symbols that serials use are there: digits, letters without I, L and O, the check symbols, and the
dash. Symbols that are easily confused differ in more than a corner: 0 is crossed, 1 has a foot, 5 and Z have
sharp corners where S and 2 have round ones.
"""

import numpy as np
from numpy.typing import NDArray

Strokes = tuple[NDArray[np.float64], ...]

_WIDTH, _HEIGHT, _ADVANCE, _LINE = 4, 6, 6, 9
# Each pair of digits is a corner, x to the right and y down, in sixths of the height; a space lifts the tool.
_GLYPHS = {
    "0": "103041453616050110 1432",
    "1": "112026 0646",
    "2": "01103041420646",
    "3": "01103041423313 334445361605",
    "4": "36300444",
    "5": "400002324345361605",
    "6": "30100105163645443303",
    "7": "004016",
    "8": "13020110304142331304051636454433",
    "9": "16364541301001021343",
    "A": "0602204246 0444",
    "B": "0333424130000636454433",
    "C": "4130100105163645",
    "D": "00062644422000",
    "E": "40000646 0333",
    "F": "400006 0333",
    "G": "41301001051636454323",
    "H": "0006 4046 0343",
    "J": "404536160504",
    "K": "0006 400346",
    "M": "0600234046",
    "N": "06004640",
    "P": "06003041423303",
    "Q": "103041453616050110 2446",
    "R": "06003041423303 2346",
    "S": "413010010213334445361605",
    "T": "0040 2026",
    "U": "000516364540",
    "V": "002640",
    "W": "0016223640",
    "X": "0046 4006",
    "Y": "002340 2326",
    "Z": "00400646",
    "*": "2125 0244 4204",
    "~": "03123443",
    "$": "42311102133344351504 2026",
    "=": "0242 0444",
    "-": "1333",
    " ": "",
}
SYMBOLS = frozenset(_GLYPHS)


def strokes_of(lines: list[str], height_mm: float) -> Strokes:
    """Return lines of text as strokes.

    Parameters
    ----------
    lines : list of str
        Of `SYMBOLS`.
    height_mm : float
        Height of a letter.

    Returns
    -------
    tuple of float64 (K, 2)
        Each stroke from corner to corner, mm, x right and y down; the text's upper left corner is the origin.

    Raises
    ------
    ValueError
        A symbol has no strokes.
    """
    unit = height_mm / _HEIGHT
    strokes = []
    for row, line in enumerate(lines):
        for column, symbol in enumerate(line):
            if symbol not in _GLYPHS:
                raise ValueError(f"{symbol!r} in {line!r} cannot be engraved: there are no strokes for it")
            corner = np.array([column * _ADVANCE, row * _LINE])
            for stroke in _GLYPHS[symbol].split():
                places = np.array([int(digit) for digit in stroke], np.float64).reshape(-1, 2)
                strokes.append((places + corner) * unit)
    return tuple(strokes)


def extent_of(lines: list[str], height_mm: float) -> tuple[float, float]:
    """Return width and height of lines of text, mm."""
    unit = height_mm / _HEIGHT
    longest = max(len(line) for line in lines)
    return (_ADVANCE * longest - _ADVANCE + _WIDTH) * unit, (_LINE * len(lines) - _LINE + _HEIGHT) * unit
