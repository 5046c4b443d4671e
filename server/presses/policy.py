"""The numbers that decide about presses, in one frozen object made from the settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from server.settings import Settings

__all__ = ["PressPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PressPolicy:
    """What a press must meet.

    Attributes
    ----------
    challenge_life
        How long a challenge may be used.
    challenges_open
        How many unused, unexpired challenges a device may hold.
    failures_window, failures_in_window, failures_in_day
        With this many failed attempts within the window, or within 24 hours, a device is asked to wait.
    visit_length
        Presses of one customer at one shop within this time of the first are one visit.
    held_open
        How many held presses of one customer may wait.
    accuracy_limit_m
        The coarsest accuracy that is used: radius of the circle with 95 % confidence.
    accuracy_floor_m
        An accuracy that is stated finer counts as this.
    fix_age_limit_s
        The oldest fix that is used.
    density_range
        Pixels per mm that a screen can have; a claim outside counts as no claim.
    density_error, density_error_unsure
        Relative error of a claimed density where it can be believed, and where it comes from a browser or
        from an operating system that guesses for models it does not know.
    unsure_sources, unsure_systems
        Sources of a press, and beginnings of a system's name in lower case, whose density is unsure.
    face_range_mm, face_range_px
        Least and greatest distance between the outermost touches: in mm where the density is known, else
        in px.
    tolerance_mm
        The greatest residual of a hit.
    neighbourhood_m
        How far around the fix stamps are weighed by their distance.
    """

    challenge_life: timedelta = timedelta(seconds=90)
    challenges_open: int = 5
    failures_window: timedelta = timedelta(minutes=10)
    failures_in_window: int = 10
    failures_in_day: int = 50
    visit_length: timedelta = timedelta(seconds=60)
    held_open: int = 5
    accuracy_limit_m: float = 100.0
    accuracy_floor_m: float = 20.0
    fix_age_limit_s: float = 30.0
    density_range: tuple[float, float] = (3.0, 40.0)
    density_error: float = 0.02
    density_error_unsure: float = 0.07
    unsure_sources: tuple[str, ...] = ("touch", "pointer")
    unsure_systems: tuple[str, ...] = ("ios", "ipados")
    face_range_mm: tuple[float, float] = (8.0, 120.0)
    face_range_px: tuple[float, float] = (24.0, 4800.0)
    tolerance_mm: float = 0.9
    neighbourhood_m: float = 2000.0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Take the numbers from the server's settings."""
        return cls(
            challenge_life=timedelta(seconds=settings.challenge_ttl_s),
            challenges_open=settings.challenges_open,
            failures_window=timedelta(seconds=settings.failures_window_s),
            failures_in_window=settings.failures_in_window,
            failures_in_day=settings.failures_in_day,
            visit_length=timedelta(seconds=settings.visit_s),
            held_open=settings.held_open,
            accuracy_limit_m=settings.refuse_accuracy_m,
            accuracy_floor_m=settings.accuracy_floor_m,
            fix_age_limit_s=settings.max_fix_age_s,
            density_error=settings.density_error,
            density_error_unsure=settings.density_error_unsure,
            unsure_sources=settings.density_unsure_sources,
            unsure_systems=settings.density_unsure_systems,
            tolerance_mm=settings.tolerance_mm,
        )
