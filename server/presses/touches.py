"""What can be said about touches before any search: their number, their place and their spread."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from server.stamps.patterns import FEWEST_TIPS, MOST_TIPS
from stampsdk.protocol import PressEnvelope

__all__ = ["Scale", "claimed_scale", "judge_touches"]

_FARTHEST_PX = 1e5
#: Two touches nearer than this share of the whole spread lie in one place: under 1 mm on a face of 40 mm.
_COINCIDENT_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Scale:
    """How touches in px become mm.

    Attributes
    ----------
    px_per_mm
        What to divide by; 1 where the density is not known.
    interval
        Range in which the true scale lies after the division, or None for any scale.
    """

    px_per_mm: float
    interval: tuple[float, float] | None


def claimed_scale(envelope: PressEnvelope, policy: PressPolicy) -> Scale:
    """Tell how far the phone's claim about its density is believed.

    Parameters
    ----------
    envelope
        Its screen's claim, the source of the press and the system's name are read.
    policy
        The range of densities that exist, and the errors to allow for.

    Returns
    -------
    Scale
        Free where nothing or nothing possible is claimed; ± the policy's error otherwise, wider where a
        browser or a system that guesses made the claim.
    """
    claim = envelope.screen.px_per_mm
    low, high = policy.density_range
    if claim is None or not low <= claim <= high:
        return Scale(1.0, None)
    system = (envelope.device.os or "").lower()
    unsure = envelope.press.source in policy.unsure_sources or system.startswith(policy.unsure_systems)
    error = policy.density_error_unsure if unsure else policy.density_error
    return Scale(claim, (1.0 - error, 1.0 + error))


def judge_touches(touches: Sequence[tuple[float, float]], scale: Scale, policy: PressPolicy) -> Reason | None:
    """Name what makes these touches no stamp's, or None.

    Parameters
    ----------
    touches
        Finite positions in px.
    scale
        From `claimed_scale`.
    policy
        The spreads that stamps have.
    """
    return next(_faults(touches, scale, policy), None)


def _faults(touches: Sequence[tuple[float, float]], scale: Scale, policy: PressPolicy) -> Iterator[Reason]:
    if len(touches) < FEWEST_TIPS:
        yield Reason.TOUCHES_FEW
    if len(touches) > MOST_TIPS:
        yield Reason.TOUCHES_MANY
    if not all(math.hypot(x, y) <= _FARTHEST_PX for x, y in touches):
        yield Reason.TOUCHES_RANGE
    distances = [math.dist(a, b) for a, b in itertools.combinations(touches, 2)]
    spread = max(distances)
    if min(distances) <= _COINCIDENT_SHARE * spread:
        yield Reason.TOUCHES_COINCIDENT
    low, high = policy.face_range_px if scale.interval is None else policy.face_range_mm
    if spread / scale.px_per_mm < low:
        yield Reason.TOUCHES_SMALL
    if spread / scale.px_per_mm > high:
        yield Reason.TOUCHES_LARGE
