"""What the place of a press says about the stamp that made it."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PlaceModel:
    r"""Where presses happen, as shares of all presses.

    A press was made by an object that is not registered (`unregistered_share`), by a courier, who may
    be anywhere (`courier_share`; nothing when there are no couriers), by a stamp that is not where it
    belongs or on a phone whose fix is wrong (`elsewhere_share`, spread evenly over all stamps), and
    otherwise by a stamp within its fence.  The last part is divided among the stamps around by

    .. math:: w_i / \max(1, \textstyle\sum_j w_j), \qquad
              w = \left(1 + \frac{d^2}{\nu s^2}\right)^{-(\nu + 2) / 2},

    the density of a fix at distance *d* from the fence relative to one inside it: Student's law in the
    plane, with `tail` degrees of freedom because fixes among houses are sometimes far off, and with
    :math:`s^2` = (error of the fix per axis)² + `fence_slack_m`².  One stamp that is plausible here gets
    the whole part, several share it.  Where less than one is plausible, the rest is left to "none of
    these": nothing is known to be here that could have made the press.

    The shares are assumptions; they enter through their logarithm, so that a factor of two moves a verdict
    little.  Of two stamps with one pattern, the one at the fix is identified when the odds of its local share
    against the other's part of `elsewhere_share` reach the threshold: at the defaults already with two stamps
    registered in all.

    Parameters
    ----------
    unregistered_share, elsewhere_share, courier_share : float
        Shares of all presses; each above 0 (couriers: 0 allowed), together below 1.
    fence_slack_m : float
        How far, per axis, fences and the people inside them stray from the map, in metres.
    tail : float
        Degrees of freedom of the fix's error; above 0.

    Raises
    ------
    ValueError
        When a setting is out of its range, naming it.
    """

    unregistered_share: float = 0.02
    elsewhere_share: float = 0.001
    courier_share: float = 0.02
    fence_slack_m: float = 15.0
    tail: float = 4.0

    def __post_init__(self) -> None:
        for name in ("unregistered_share", "elsewhere_share"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")
        if not 0 <= self.courier_share < 1:
            raise ValueError(f"courier_share must be from 0 up to 1, not {self.courier_share}")
        if self.unregistered_share + self.elsewhere_share + self.courier_share >= 1:
            raise ValueError(
                "unregistered_share, elsewhere_share and courier_share must add up to less than 1"
            )
        for name in ("fence_slack_m", "tail"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a number above 0, not {value}")

    def axis_error_m(self, accuracy_m: float, *, confidence: float = 0.68) -> float:
        """Turn a radius of the given confidence into the standard deviation per axis.

        The distance of a normal error in the plane follows Rayleigh's law, so the radius of confidence
        *p* is ``sqrt(-2 ln(1 - p))`` standard deviations: 1.51 for Android's 68 %, 2.45 for the 95 %
        of W3C geolocation.

        Parameters
        ----------
        accuracy_m : float
            Reported accuracy in metres, 0 or more.
        confidence : float
            Probability that the true place lies within it, between 0 and 1.

        Returns
        -------
        float
            Standard deviation in metres.

        Raises
        ------
        ValueError
            For an accuracy or a confidence out of range.
        """
        if not (math.isfinite(accuracy_m) and accuracy_m >= 0):
            raise ValueError(f"accuracy_m must be a finite distance of 0 m or more, not {accuracy_m}")
        if not 0 < confidence < 1:
            raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
        return accuracy_m / math.sqrt(-2 * math.log1p(-confidence))

    def weights(self, distances_m: npt.ArrayLike, accuracy_m: float, *, confidence: float = 0.68) -> Real:
        """Plausibility of the fix for stamps at these distances, 1 inside the fence, falling to 0.

        Parameters
        ----------
        distances_m : (K,) array_like
            Metres from the fix to each stamp's nearest fence, 0 inside; NaN for a stamp without one,
            whose weight is 0.
        accuracy_m : float
            Reported accuracy in metres.
        confidence : float
            Probability that the true place lies within the accuracy.

        Returns
        -------
        (K,) ndarray of float64
            Weights between 0 and 1.

        Raises
        ------
        ValueError
            For negative distances, and for accuracy or confidence out of range.
        """
        distances = np.asarray(distances_m, dtype=np.float64)
        if (distances < 0).any():
            raise ValueError("distances_m must not be negative")
        spread = math.hypot(self.axis_error_m(accuracy_m, confidence=confidence), self.fence_slack_m)
        weights: Real = (1 + (distances / spread) ** 2 / self.tail) ** (-(self.tail + 2) / 2)
        return np.nan_to_num(weights, nan=0.0)

    def log_prior(
        self,
        distances_m: npt.ArrayLike,
        accuracy_m: float,
        *,
        nearby_weight_total: float,
        registered: int,
        confidence: float = 0.68,
        couriers: int = 0,
    ) -> Real:
        """Log prior of stamps with fences at these distances from the fix.

        Parameters
        ----------
        distances_m : (K,) array_like
            Metres to each stamp's nearest fence, 0 inside; NaN for no fence.
        accuracy_m : float
            Reported accuracy in metres.
        nearby_weight_total : float
            Sum of `weights` over all stamps around.
        registered : int
            Number of all registered stamps, at least 1.
        confidence : float
            Probability that the true place lies within the accuracy.
        couriers : int
            Number of couriers among the registered stamps.

        Returns
        -------
        (K,) ndarray of float64
            Natural logarithms; summed over all registered stamps, and with `courier_share` for the
            couriers, the probabilities are at most ``1 - unregistered_share``.

        Raises
        ------
        ValueError
            As `weights`; and when fewer than one stamp is registered.
        """
        if registered < 1:
            raise ValueError(f"registered must be at least 1, not {registered}")
        weights = self.weights(distances_m, accuracy_m, confidence=confidence)
        local = self.local_share(couriers) * weights / max(1.0, nearby_weight_total)
        prior: Real = np.log(local + self.elsewhere_share / registered)
        return prior

    def local_share(self, couriers: int = 0) -> float:
        """Share of presses made by a stamp within its fence; the couriers' too when there are none."""
        travelling = self.courier_share if couriers else 0.0
        return 1 - self.unregistered_share - self.elsewhere_share - travelling


_MODEL = PlaceModel()


@dataclass(frozen=True, eq=False)
class PlacePrior:
    """Prior of every stamp for one press: call it with ids, get the logs of their probabilities.

    Make one with `from_fix` or, for a press without a location, with `uniform`.  The probabilities of
    all registered stamps and `none_probability` add up to 1, so it fits `recognise` as `log_prior`.

    Attributes
    ----------
    none_probability : float
        Prior probability that no registered stamp made the press.
    """

    none_probability: float
    _everywhere: float
    _ids: Ids
    _extra: Real

    @classmethod
    def from_fix(
        cls,
        near_ids: npt.ArrayLike,
        near_distances_m: npt.ArrayLike,
        accuracy_m: float,
        total_stamps: int,
        *,
        courier_ids: npt.ArrayLike = (),
        confidence: float = 0.68,
        model: PlaceModel = _MODEL,
    ) -> "PlacePrior":
        """Prior of a press with a location.

        Parameters
        ----------
        near_ids : (K,) array_like of int
            Stamps with a fence around the fix, 2 km say.  What lies farther than ten times the error
            of the fix weighs next to nothing.  Of an id given twice the nearer distance counts.
        near_distances_m : (K,) array_like
            Metres from the fix to the stamp's fence, 0 inside.
        accuracy_m : float
            Reported accuracy in metres.
        total_stamps : int
            Number of all registered stamps; the number of ids given, should that be more.
        courier_ids : (C,) array_like of int
            Stamps that move with a person.
        confidence : float
            Probability that the true place lies within the accuracy: 0.68 or 0.95.
        model : PlaceModel
            Shares and error of the fix.

        Returns
        -------
        PlacePrior
            The prior.

        Raises
        ------
        ValueError
            When ids and distances differ in length, and for values out of range.
        """
        ids = np.asarray(near_ids, dtype=np.int64).reshape(-1)
        distances = np.asarray(near_distances_m, dtype=np.float64).reshape(-1)
        if len(ids) != len(distances):
            raise ValueError(
                f"near_distances_m must have {len(ids)} entries like near_ids, not {len(distances)}"
            )
        couriers = np.unique(np.asarray(courier_ids, dtype=np.int64).reshape(-1))
        weights = model.weights(distances, accuracy_m, confidence=confidence)
        near, position = np.unique(ids, return_inverse=True)
        nearest = np.zeros(len(near))
        np.maximum.at(nearest, position, weights)
        nearest *= model.local_share(len(couriers)) / max(1.0, float(nearest.sum()))
        known = np.union1d(near, couriers)
        extra = np.zeros(len(known))
        extra[np.searchsorted(known, near)] += nearest
        if len(couriers):
            extra[np.searchsorted(known, couriers)] += model.courier_share / len(couriers)
        total = max(total_stamps, len(known))
        everywhere = model.elsewhere_share if total > 0 else 0.0
        none = 1 - everywhere - float(extra.sum())
        return cls(none, everywhere / max(1, total), known, extra)

    @classmethod
    def uniform(cls, total_stamps: int, *, model: PlaceModel = _MODEL) -> "PlacePrior":
        """Prior of a press whose place is not known: every stamp is as likely as any other.

        Parameters
        ----------
        total_stamps : int
            Number of all registered stamps.
        model : PlaceModel
            Its `unregistered_share` is the probability of none.

        Returns
        -------
        PlacePrior
            The prior.
        """
        none = model.unregistered_share if total_stamps > 0 else 1.0
        return cls(none, (1 - none) / max(1, total_stamps), np.empty(0, np.int64), np.empty(0))

    def __call__(self, ids: npt.ArrayLike) -> Real:
        """Natural logs (K,) of the prior probabilities of the stamps with these ids (K,)."""
        asked = np.asarray(ids, dtype=np.int64)
        probability = np.full(asked.shape, self._everywhere)
        if len(self._ids):
            position = np.minimum(np.searchsorted(self._ids, asked), len(self._ids) - 1)
            probability += np.where(self._ids[position] == asked, self._extra[position], 0.0)
        with np.errstate(divide="ignore"):
            prior: Real = np.log(probability)
        return prior
