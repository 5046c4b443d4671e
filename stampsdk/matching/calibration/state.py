"""What calibration remembers of presses: a bounded sample that does not depend on their order."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from stampsdk.matching.calibration.observation import Observation, ObservationError, Pairs

_FORMAT = "stamp calibration presses"
_VERSION = 1
StampKey = tuple[int, Pairs]


class CalibrationStateError(ValueError):
    """What was read is no state of calibration, or of another version."""

    code = "calibration_state"


@dataclass(frozen=True)
class SampleLimits:
    """How much is remembered; a press takes about half a kilobyte of JSON.

    Attributes
    ----------
    customers_per_model, customers_per_stamp : int
        Customers whose presses are kept for one device model and for one stamp.
    presses_per_customer : int
        Presses kept of each of them.
    """

    customers_per_model: int = 400
    customers_per_stamp: int = 100
    presses_per_customer: int = 3

    def __post_init__(self) -> None:
        for name in ("customers_per_model", "customers_per_stamp", "presses_per_customer"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


@dataclass
class CalibrationState:
    """Accepted presses to learn from, for each device model and each stamp, a bounded sample.

    Of each device model and of each stamp the customers with the smallest keyed hashes are kept, and of each
    customer the presses with the smallest (bottom-k sampling, E. Cohen and H. Kaplan, 2007). So

    - the state is a function of the *set* of presses given, whatever their order and repetition, and
      merging two states gives the state of both sets;
    - its size is bounded for each model and stamp;
    - every customer is as likely to be kept as any other, and forgers cannot choose to be: the share of
      forgers kept is their share of all customers but for chance, as long as `salt` is secret.

    Attributes
    ----------
    salt : str
        A secret that keys the hashes; states are merged under one salt only.
    limits : SampleLimits
    """

    salt: str
    limits: SampleLimits = field(default_factory=SampleLimits)
    _models: dict[str, "_Sample"] = field(default_factory=dict, repr=False)
    _stamps: dict[StampKey, "_Sample"] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.salt, str) or not self.salt:
            raise ValueError("salt must be a text that is not empty")

    def add(self, press: Observation) -> None:
        """Take one press in; the same press again changes nothing."""
        if not isinstance(press, Observation):
            raise TypeError(f"only an Observation is learnt from, not {type(press).__name__}")
        who = self._hash(press.customer)
        what = self._hash(json.dumps(press.to_dict(), sort_keys=True))
        most = self.limits
        model = self._models.setdefault(press.device_model, _Sample())
        model.add(who, what, press, most.customers_per_model, most.presses_per_customer)
        stamp = self._stamps.setdefault((press.stamp_id, press.tips_mm), _Sample())
        stamp.add(who, what, press, most.customers_per_stamp, most.presses_per_customer)

    def merge(self, other: "CalibrationState") -> None:
        """Take in all that another state remembers.

        Raises
        ------
        ValueError
            It was kept under another salt or other limits.
        """
        if (other.salt, other.limits) != (self.salt, self.limits):
            raise ValueError("states merge under the same salt and the same limits only")
        for press in other.presses():
            self.add(press)

    def presses(self) -> list[Observation]:
        """Return every press that is remembered, once, in an order that depends on nothing but themselves."""
        kept: dict[str, Observation] = {}
        for sample in (*self._models.values(), *self._stamps.values()):
            for presses in sample.customers.values():
                kept.update(presses)
        return [kept[name] for name in sorted(kept)]

    def models(self) -> dict[str, list[Observation]]:
        """Return the sample of each device model."""
        return {name: self._models[name].presses() for name in sorted(self._models)}

    def stamps(self) -> dict[StampKey, list[Observation]]:
        """Return the sample of each stamp under the tips that it was registered with."""
        return {key: self._stamps[key].presses() for key in sorted(self._stamps)}

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; it names customers, phones and the salt, so keep it secret."""
        limits = self.limits
        return {
            "format": _FORMAT,
            "version": _VERSION,
            "salt": self.salt,
            "limits": [limits.customers_per_model, limits.customers_per_stamp, limits.presses_per_customer],
            "presses": [press.to_dict() for press in self.presses()],
        }

    @classmethod
    def from_dict(cls, data: Any) -> "CalibrationState":
        """Make the state that `to_dict` wrote; every press is checked again.

        Raises
        ------
        CalibrationStateError
            It is no such state, of another version, or holds a press that must not be learnt from.
        """
        if not isinstance(data, dict) or data.get("format") != _FORMAT:
            raise CalibrationStateError("this is no state of calibration")
        if data.get("version") != _VERSION:
            raise CalibrationStateError(f"this state has the version {data.get('version')!r}, not {_VERSION}")
        try:
            state = cls(data["salt"], SampleLimits(*data["limits"]))
            for press in data["presses"]:
                state.add(Observation.from_dict(press))
        except ObservationError:
            raise CalibrationStateError("this state holds a press that must not be learnt from") from None
        except (KeyError, TypeError, ValueError) as error:
            raise CalibrationStateError(f"this state of calibration is damaged: {error}") from None
        return state

    def _hash(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=_key(self.salt), digest_size=16).hexdigest()


@dataclass
class _Sample:
    """Presses by the hash of the customer, then of the press."""

    customers: dict[str, dict[str, Observation]] = field(default_factory=dict)

    def add(self, who: str, what: str, press: Observation, most_customers: int, most_presses: int) -> None:
        own = self.customers.setdefault(who, {})
        own[what] = press
        if len(own) > most_presses:
            del own[max(own)]
        if len(self.customers) > most_customers:
            del self.customers[max(self.customers)]

    def presses(self) -> list[Observation]:
        return [
            self.customers[who][what]
            for who in sorted(self.customers)
            for what in sorted(self.customers[who])
        ]


def _key(salt: str) -> bytes:
    return hashlib.sha256(salt.encode()).digest()
