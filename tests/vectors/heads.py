"""What each file says of itself: its first entry."""

from tests.vectors.writing import MADE_BY

GEOMETRY = {
    "what": "How well touches lie on patterns: for all labellings, rotations (no reflection), shifts "
    "and scales s in the range, the least root mean square of s * R * touch + shift - tip; and which tip "
    "each touch lies on.",
    "version": 1,
    "made_by": MADE_BY,
    "units": "pattern in mm; touches in units of which `scale` = [lo, hi] gives the millimetres, null: "
    "any scale from 0; x right, y down; residual and tolerance in mm",
    "labels": "touch k lies on tip labels[k], counted from 0; of labellings whose residuals are equal "
    "to within 1e-9 mm the lexicographically least; -1 is a touch that is no tip. No other labelling "
    "comes within 1e-6 mm, so 64-bit floats decide as they should if the residual is summed from "
    "differences of points; the shorter a + b - 2c loses half of the digits.",
    "missing_ghosts": "missing 1: one tip did not touch, and the residual is the least over the tip "
    "left out; ghosts 1: one touch is no tip, likewise. The mean is over the touches that have a tip.",
    "cases": "pattern, touches, scale, missing, ghosts -> residual, labels",
    "searches": "ids, patterns, touches, scale, tolerance -> hits: all patterns whose residual is at "
    "most the tolerance, by residual, then by id",
    "refused": "`at` names the argument that an implementation must refuse; which error it raises is its own",
    "tolerances": {"residual": 1e-06, "labels": 0},
}
CODEBOOK = {
    "what": "Stamps of the family small: the number of a pattern, its address in the family's lattice, "
    "the serial engraved on the stamp, and its tips; so that a phone can read a serial.",
    "version": 1,
    "made_by": MADE_BY,
    "units": "tips_um: whole µm, as the screen sees them (x right, y down), the middle of the face at "
    "the origin; touches_mm: mm",
    "serial": "To read one: capital letters, no blanks, no hyphens, O as 0, I and L as 1. `symbols` "
    "symbols and a check symbol remain; a symbol's value is its place in `letters`, of which the first "
    "32 are allowed before the check symbol. Together they are a number in base 32, most significant "
    "first, whose remainder modulo 37 is the check symbol's value. In base 128, most significant first, "
    "its digits less 64 are the address.",
    "shape": "x = (address + offset) * unit_mm, D numbers; the tips, in mm, centred, up to place and "
    "angle and to the rounding of tips_um, are the complex numbers x[0] gauge[k] + the sum over j, from "
    "0 to n - 3, of (x[1 + j] + i x[n - 1 + j]) across[j][k], where n is the number of tips. Only "
    "addresses in the codebook are patterns.",
    "stamps": "number, address, serial, tips_um, all of one stamp, either way",
    "readings": "what people type for a serial -> number",
    "touched": "touches_mm, a pattern in any place, angle and order to within 1 µm -> number, or null: none",
    "refused": "texts that are no serial of the family. reason, the code of the library's error, is the "
    "first that holds: `serial_length` not so many symbols; `serial_symbol` one that cannot stand there; "
    "`serial_check` the check symbol does not fit; `serial_range` the number has more bits than an "
    "address; `serial_unknown` a serial, but of no pattern of the family",
    "tolerances": {"tips_um": 0, "distance of two tips by `shape`, µm": 2.0},
}
MATCHING = {
    "what": "Which registered stamp made a press, how sure that is, or that it was none.",
    "version": 1,
    "made_by": MADE_BY,
    "units": "patterns and residual in mm; touches in units of which `scale` = [lo, hi] gives the "
    "millimetres, null: not known at all; x right, y down; distances and accuracy in m; probabilities "
    "from 0 to 1",
    "registered": "the stamps of each index by id; those of one index have one tip count",
    "place": "what is known of the place: stamps nearby and their distances from the fix, its accuracy "
    "and how sure that is, couriers, and how many stamps there are in all; without a fix the last alone",
    "prior": "what follows from the place by place_model: of each candidate, in the order of "
    "candidates, and of a stamp that is not registered (none); a port of recognition alone starts from "
    "here",
    "answer": "verdict, stamp_id, posterior (of the best candidate, 0 without one), none_posterior; "
    "candidates: all stamps within the tolerance, by posterior, highest first, then residual, then id; "
    "labels: touch k lies on tip labels[k]",
    "model": "of all cases, changed by `model` of the case if it has any; place_model is of all",
    "spacing_probability": "that so many tips, uniform in a disc of a diameter, all keep a spacing, as "
    "the library estimates it once and for all: take it, do not compute it",
    "tolerances": {
        "posterior": 2e-06,
        "none_posterior": 2e-06,
        "prior": "1e-6 of itself",
        "residual": 1e-06,
        "labels": 0,
    },
}
