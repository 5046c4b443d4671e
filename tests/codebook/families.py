"""Families that generate within a second or two."""

from stampsdk.codebook import parse_family

GAUGE = "[[-10528, 0], [8379, -3290], [6466, 8262], [-2495, -8657], [-1822, 3684]]"
TEXT = f"""
[family]
name = "tiny"
tips = 5
scale = "known"
noise_mm = 0.4
count = 300
seed = 1

[face]
shape = "round"
width_mm = 38.0

[tip]
diameter_mm = 5.0
spacing_mm = 11.0
edge_mm = 2.5

[code]
distance_mm = 4.0
stretch = 1.04
widest = 0.6
gauge_um = {GAUGE}
"""

SQUARE = TEXT.replace(
    'shape = "round"\nwidth_mm = 38.0', 'shape = "square"\nwidth_mm = 34.0\ncorner_mm = 2.0'
).replace("count = 300", "count = 100")
HEXAGON = [[19.0, 0.0], [9.5, 16.0], [-9.5, 16.0], [-19.0, 0.0], [-9.5, -16.0], [9.5, -16.0]]
CUSTOM = TEXT.replace('shape = "round"\nwidth_mm = 38.0', f'shape = "custom"\noutline = {HEXAGON}').replace(
    "count = 300", "count = 20"
)
FOUR_TIPS = (
    TEXT.replace("tips = 5", "tips = 4")
    .replace("distance_mm = 4.0", "distance_mm = 3.0")
    .replace(GAUGE, "[[-10000, 0], [9000, -3000], [2000, 9000], [-3000, -8000]]")
)


def family(text=TEXT, **changes):
    """Parse a family, with some values changed: KEY=VALUE as TOML writes them."""
    lines = []
    for line in text.splitlines():
        key = line.split("=")[0].strip()
        lines.append(f"{key} = {changes.pop(key)}" if key in changes else line)
    assert not changes, changes
    return parse_family("\n".join(lines))
