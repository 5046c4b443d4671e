"""Simulated phones that report wrong densities and bend space, and stamps whose tips are off."""

import copy
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stampsdk.matching.calibration import Observation

Points = npt.NDArray[np.float64]
_WAVES = 12
_MARGIN_MM = 2.0
_GRID = 40


@dataclass(frozen=True)
class ScreenNoise:
    """What goes wrong between a stamp and its touches; assumptions until phones are measured.

    Attributes
    ----------
    sigma_mm : float
        Standard deviation per axis of each touch, anew for each press.
    scale_error : float
        Each device model's density is wrong by a factor drawn uniformly within ± this.
    bend_mm : float
        Longest displacement of each device model's bend over its screen.
    wavelength_mm : (least, greatest)
        Wavelengths of the bend.
    placement_mm : float
        Standard deviation per axis of each tip about its registered place, once for each stamp.
    quantum_mm : float
        Step that touches are rounded to.
    """

    sigma_mm: float = 0.4
    scale_error: float = 0.07
    bend_mm: float = 0.6
    wavelength_mm: tuple[float, float] = (80.0, 200.0)
    placement_mm: float = 0.2
    quantum_mm: float = 0.05


class Screen:
    """A device model: true size in mm, true mm per reported mm, and a smooth bend.

    The bend is a sum of plane waves of random direction, wavelength and phase, so none that the library
    learns (a polynomial) can be exactly it.
    """

    def __init__(self, name: str, noise: ScreenNoise, rng: np.random.Generator) -> None:
        self.name = name
        self.noise = noise
        self.size_mm = (rng.uniform(62.0, 72.0), rng.uniform(135.0, 158.0))
        self.scale = 1.0 + rng.uniform(-noise.scale_error, noise.scale_error)
        wave = 2 * np.pi / rng.uniform(*noise.wavelength_mm, _WAVES)
        heading = rng.uniform(0, 2 * np.pi, _WAVES)
        self._waves = wave[:, None] * np.stack((np.cos(heading), np.sin(heading)), axis=1)
        self._phase = rng.uniform(0, 2 * np.pi, _WAVES)
        self._height = rng.normal(size=(_WAVES, 2))
        grid = np.stack(np.meshgrid(*(np.linspace(0, side, _GRID) for side in self.size_mm)), axis=-1)
        at = self._field(grid.reshape(-1, 2))
        # A common shift is absorbed by the place of a press; what counts is how the rest varies.
        self._middle = at.mean(axis=0)
        self._height /= np.hypot(*(at - self._middle).T).max()
        self._middle = self._field(grid.reshape(-1, 2)).mean(axis=0)

    @property
    def reported_mm(self) -> tuple[float, float]:
        """Size of the screen by the reported density."""
        return (self.size_mm[0] / self.scale, self.size_mm[1] / self.scale)

    def bend(self, at_mm: Points) -> Points:
        """Displacement (n, 2) in mm at places (n, 2), in true mm."""
        return self.noise.bend_mm * (self._field(at_mm) - self._middle)

    def press(self, tips_mm: Points, rng: np.random.Generator) -> tuple[Points, tuple[int, ...]]:
        """Press a stamp anywhere on the screen: touches (n, 2) in reported mm, and the tip under each."""
        centred = tips_mm - tips_mm.mean(axis=0)
        while True:
            angle = rng.uniform(-math.pi, math.pi)
            turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
            laid = centred @ turn.T
            low = _MARGIN_MM - laid.min(axis=0)
            high = np.array(self.size_mm) - _MARGIN_MM - laid.max(axis=0)
            if (low < high).all():
                break
        at = laid + rng.uniform(low, high)
        touched = at + self.bend(at) + rng.normal(0, self.noise.sigma_mm, at.shape)
        reported = touched / self.scale
        if self.noise.quantum_mm > 0:
            reported = np.round(reported / self.noise.quantum_mm) * self.noise.quantum_mm
        reported = np.clip(reported, 0, self.reported_mm)
        labels = rng.permutation(len(at))
        return reported[labels], tuple(int(label) for label in labels)

    def straightened(self, reported: Points) -> Points:
        """Undo scale and bend with the truth, to within what the bend changes over a touch's error."""
        touched = reported * self.scale
        at = touched
        for _ in range(5):
            at = touched - self.bend(at)
        return at

    def _field(self, at_mm: Points) -> Points:
        waves: Points = np.cos(at_mm @ self._waves.T + self._phase) @ self._height
        return waves


@dataclass(frozen=True, eq=False)
class Press:
    """One simulated press: by whom, on which screen, of which stamp (its place in the list of stamps)."""

    customer: str
    screen: Screen
    stamp: int
    touches_mm: Points
    labels: tuple[int, ...]

    def observation(self, tips_mm: Points) -> Observation:
        """Return the press as the server learns from it, accepted as a press of these registered tips."""
        return Observation(
            verdict="accepted",
            customer=self.customer,
            device=f"phone of {self.customer}",
            device_model=self.screen.name,
            screen_mm=self.screen.reported_mm,
            touches_mm=self.touches_mm,  # type: ignore[arg-type] - made into pairs
            labels=self.labels,
            stamp_id=self.stamp,
            tips_mm=tips_mm,  # type: ignore[arg-type] - made into pairs
        )


class World:
    """Device models and stamps with their true faults.

    Parameters
    ----------
    registered : (S, n, 2) ndarray
        Registered tips of the stamps that are pressed, in mm.
    screens : int
        Device models.
    noise : ScreenNoise
    rng : numpy.random.Generator
        The only source of randomness.
    """

    def __init__(
        self, registered: Points, screens: int, rng: np.random.Generator, noise: ScreenNoise | None = None
    ) -> None:
        self.noise = noise or ScreenNoise()
        self.registered = registered
        self.screens = [Screen(f"model {number}", self.noise, rng) for number in range(screens)]
        self.tips = registered + rng.normal(0, self.noise.placement_mm, registered.shape)
        self._rng = rng

    def presses(self, customers: int, each: int, name: str) -> list[Press]:
        """Make presses: that many customers on every device model, each with that many random stamps."""
        made = []
        for screen in self.screens:
            for number in range(customers):
                customer = f"{name} {screen.name} {number}"
                for stamp in self._rng.integers(0, len(self.tips), each):
                    touches, labels = screen.press(self.tips[stamp], self._rng)
                    made.append(Press(customer, screen, int(stamp), touches, labels))
        return made

    def forgeries(self, customers: int, each: int) -> list[Observation]:
        """Make presses of forgers who are all of one mind, as strong as an observation may be.

        Each is a registered stamp, free of noise, whose touches are 4 % farther apart than the screen would
        report them and bent by up to 1 mm, all in one way, and whose tips are moved by 0.8 mm, one way in
        the stamp's own frame.
        """
        made = []
        count = self.registered.shape[1]
        pull = np.stack((np.cos(np.arange(count)), np.sin(np.arange(count))), axis=1)
        for screen in self.screens:
            middle = np.array(screen.size_mm) / 2
            for number in range(customers):
                for stamp in self._rng.integers(0, len(self.tips), each):
                    tips = self.registered[stamp]
                    wrong = copy.copy(screen)
                    wrong.noise = ScreenNoise(sigma_mm=0.0, bend_mm=0.0, quantum_mm=0.0)
                    touches, labels = wrong.press(tips + 0.8 * pull, self._rng)
                    reach = (touches - middle / screen.scale) / np.array(screen.reported_mm)
                    moved = touches + np.stack(
                        (3.0 * reach[:, 1] ** 2, 3.0 * reach[:, 0] * reach[:, 1]), axis=1
                    )
                    centre = moved.mean(axis=0)
                    moved = np.clip(centre + 1.04 * (moved - centre), 0, screen.reported_mm)
                    press = Press(f"forger {screen.name} {number}", screen, int(stamp), moved, labels)
                    made.append(press.observation(tips))
        return made
