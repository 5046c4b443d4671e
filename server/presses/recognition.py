"""Which stamp made the touches: the index's hits weighed by place, and what a refusal was about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from server.presses.fix import Fix
from server.presses.policy import PressPolicy
from server.presses.reasons import Reason
from server.presses.touches import Scale
from server.stamps.registry import StampRegistry
from stampsdk.matching import PlacePrior, Recognition, RecognitionModel, recognise

__all__ = ["Finding", "find_stamp"]

_CONFIDENCE: Final = 0.95
_Touches = npt.NDArray[np.float64]
_Weigh = Callable[[_Touches, PlacePrior, RecognitionModel], Recognition]
#: What credits a stamp, and what explains a refusal to the owner: a good guess is better than none.
_JUDGING: Final = RecognitionModel()
_EXPLAINING: Final = RecognitionModel(threshold=0.9)


@dataclass(frozen=True, slots=True)
class Finding:
    """What recognition found.

    Attributes
    ----------
    stamp_number
        The stamp that made the press; with a reason, the one whose shape it is.
    reason
        Why the press is refused, or None.
    residual_mm, posterior
        Of the best candidate, None without one.
    """

    stamp_number: int | None
    reason: Reason | None
    residual_mm: float | None = None
    posterior: float | None = None


def find_stamp(
    registry: StampRegistry,
    touches_px: tuple[tuple[float, float], ...],
    scale: Scale,
    fix: Fix | None,
    policy: PressPolicy,
) -> Finding:
    """Find the stamp that made the touches.

    Parameters
    ----------
    registry
        Refreshed in this transaction.
    touches_px, scale
        Touches that passed `judge_touches`, and how they become mm.
    fix
        Where the phone is; None when it did not say: every stamp is then as likely as any other.
    policy
        The tolerance, and how far around stamps are weighed.

    Returns
    -------
    Finding
        A stamp without a reason only when its posterior, place included, reaches the threshold of the
        recognition model. A refusal is looked at once more, for the owner's log only: without the place, and
        as in a mirror.
    """
    index = registry.index(len(touches_px))
    if index is None:
        return Finding(None, Reason.NOT_RECOGNISED)
    touches = np.asarray(touches_px, dtype=np.float64) / scale.px_per_mm
    prior = _prior(registry, fix, policy)

    def weigh(touches: _Touches, prior: PlacePrior, model: RecognitionModel) -> Recognition:
        return recognise(
            index,
            touches,
            scale=scale.interval,
            log_prior=prior,
            tolerance=policy.tolerance_mm,
            model=model,
        )

    seen = weigh(touches, prior, _JUDGING)
    if seen.verdict == "identified":
        return _finding(seen, seen.stamp_id, None)
    if seen.verdict == "ambiguous":
        return _finding(seen, None, Reason.PATTERN_AMBIGUOUS)
    other = None if fix is None else _explain(weigh, touches, prior, len(registry))
    return other or _finding(seen, None, Reason.NOT_RECOGNISED)


def _explain(weigh: _Weigh, touches: _Touches, prior: PlacePrior, registered: int) -> Finding | None:
    """Look again at what was not recognised, for the owner's log."""
    mirrored = weigh(touches * (-1.0, 1.0), prior, _EXPLAINING)
    if mirrored.verdict == "identified":
        return _finding(mirrored, mirrored.stamp_id, Reason.PATTERN_MIRRORED)
    anywhere = weigh(touches, PlacePrior.uniform(registered), _EXPLAINING)
    if anywhere.verdict == "identified":
        return _finding(anywhere, anywhere.stamp_id, Reason.OUTSIDE_FENCE)
    return None


def _prior(registry: StampRegistry, fix: Fix | None, policy: PressPolicy) -> PlacePrior:
    if fix is None:
        return PlacePrior.uniform(len(registry))
    numbers, distances_m = registry.near(fix.latitude, fix.longitude, policy.neighbourhood_m)
    return PlacePrior.from_fix(
        numbers,
        distances_m,
        fix.accuracy_m,
        len(registry),
        courier_ids=registry.couriers(),
        confidence=_CONFIDENCE,
    )


def _finding(seen: Recognition, stamp_number: int | None, reason: Reason | None) -> Finding:
    best = seen.candidates[0] if seen.candidates else None
    return Finding(
        stamp_number,
        reason,
        residual_mm=None if best is None else best.residual_mm,
        posterior=None if best is None else best.posterior,
    )
