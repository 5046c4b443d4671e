"""When the tips have settled, where they are, and whether a stamp could stand there."""

import math
from dataclasses import dataclass

from stampsdk.capture._tip import Tip
from stampsdk.capture.outcomes import PressQuality, VoidReason
from stampsdk.capture.settings import EPSILON_S, DetectorSettings

FINGERS = 5
"""From so many tips on, a hand's common gestures are out of the way and a short rest is enough."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The averaged positions, px, in the order of the tips, and the evidence for them."""

    touches: tuple[tuple[float, float], ...]
    quality: PressQuality


def settle(tips: list[Tip], now: float, settings: DetectorSettings) -> Settled | None:
    """Average tips that have settled; ``None`` while they have not, or more may land."""
    if len(tips) not in settings.tip_counts:
        return None
    last = max(tip.landed_s for tip in tips)
    if len(tips) < max(settings.tip_counts) and now - last < settings.more_tips_s - EPSILON_S:
        return None
    since = max(tip.still_since_s for tip in tips)
    needed = settings.still_s if len(tips) >= FINGERS else settings.few_tips_still_s
    if now - since < needed - EPSILON_S:
        return None
    rests = [[sample for sample in tip.samples if sample[0] > since - EPSILON_S] for tip in tips]
    frames_used = min(len(rest) for rest in rests)
    if frames_used < settings.least_frames:
        return None
    touches = tuple((middle_mean([s[1] for s in rest]), middle_mean([s[2] for s in rest])) for rest in rests)
    quality = PressQuality(
        frames_used=frames_used,
        spread_px=tuple(spread(rest, touch) for rest, touch in zip(rests, touches, strict=True)),
        stagger_s=last - min(tip.landed_s for tip in tips),
        hold_s=now - last,
    )
    return Settled(touches, quality)


def refusal(settled: Settled, settings: DetectorSettings) -> VoidReason | None:
    """Return why no stamp stands there; ``None`` when one may."""
    if settled.quality.stagger_s > settings.landing_s + EPSILON_S:
        return VoidReason.LANDED_TOO_SLOWLY
    for i, a in enumerate(settled.touches):
        for b in settled.touches[:i]:
            apart = math.hypot(a[0] - b[0], a[1] - b[1]) / settings.px_per_mm
            if apart < settings.least_spacing_mm:
                return VoidReason.TOO_CLOSE
            if apart > settings.largest_extent_mm:
                return VoidReason.TOO_WIDE
    return None


def middle_mean(values: list[float]) -> float:
    """Return the mean of the middle half of ``values``: sorted, a quarter cut from either end.

    A mean resolves less than the step in which a screen reports; the cut keeps a stale report out.
    """
    ordered = sorted(values)
    cut = len(ordered) // 4
    kept = ordered[cut : len(ordered) - cut]
    return sum(kept) / len(kept)


def spread(samples: list[tuple[float, float, float]], touch: tuple[float, float]) -> float:
    """Return the root mean square distance of (time, x, y) samples from ``touch``, px."""
    total = 0.0
    for _, x, y in samples:
        total += (x - touch[0]) * (x - touch[0]) + (y - touch[1]) * (y - touch[1])
    return math.sqrt(total / len(samples))
