"""Whether two patterns are nearer to each other than a distance, at the scale that their family is for.

The squared distance of a labelled pattern to another one that is scaled by s is P + s²·Q - 2·s·|k|, with the
squared norms P and Q of both and their product k. It is least at s = |k| / Q, or as near to that as the range
of scales allows (docs/theory.md, section 9). Whether it is below a limit is decided by + - × alone, so that
it comes out the same to the last bit on every machine.
"""

from stampsdk.geometry._compile import kernel


@kernel
def are_nearer(
    one: float, other: float, product: float, scales: tuple[float, float], distance: float
) -> bool:
    """Tell whether two labelled patterns are nearer than a distance, whichever of them is scaled.

    Parameters
    ----------
    one, other : float
        Their squared norms, mm².
    product : float
        Their squared product |k|².
    scales : (low, high)
        What either may be scaled by; infinity where nothing bounds it.
    distance : float
        mm.
    """
    return _is_nearer(one, other, product, scales, distance) or _is_nearer(
        other, one, product, scales, distance
    )


@kernel
def _is_nearer(
    fixed: float, scaled: float, product: float, scales: tuple[float, float], distance: float
) -> bool:
    low, high = scales
    square = scaled * scaled
    if product <= low * low * square:
        scale = low
    elif product >= high * high * square:
        scale = high
    else:
        return product > (fixed - distance * distance) * scaled
    room = (fixed + scale * scale * scaled - distance * distance) / 2.0
    return room < 0.0 or scale * scale * product > room * room
