"""The best arrangements of up to ten points in a disc and in a square: how far apart they are.

All are proven: in a disc by R. L. Graham (1968) and U. Pirl (1969), in a square by J. Schaer (1965) and
others, ten by C. de Groot, R. Peikert and D. Würtz (1990). The figures are those of E. Specht's tables
(packomania).
"""

import math

_ROOT3 = 3.0**0.5
IN_DISC = {
    2: 2.0,
    3: _ROOT3,
    4: 2.0**0.5,
    5: 2.0 * math.sin(math.pi / 5),
    6: 1.0,
    7: 1.0,
    8: 2.0 * math.sin(math.pi / 7),
    9: 2.0 * math.sin(math.pi / 8),
    10: 0.710978235561,
}
"""Greatest least distance of so many points in a disc of radius 1."""
IN_SQUARE = {
    2: 2.0**0.5,
    3: 6.0**0.5 - 2.0**0.5,
    4: 1.0,
    5: 0.5**0.5,
    6: 13.0**0.5 / 6.0,
    7: 4.0 - 2.0 * _ROOT3,
    8: (6.0**0.5 - 2.0**0.5) / 2.0,
    9: 0.5,
    10: 0.421279543984,
}
"""The same in a square of side 1."""
