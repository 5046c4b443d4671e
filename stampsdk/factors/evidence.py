"""Evidence of a second factor, in the form an envelope carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from stampsdk.protocol import FactorClaim

__all__ = ["KINDS", "FactorEvidence", "FactorKind"]


class FactorKind(StrEnum):
    """The kinds of evidence that the protocol names. Values are stable."""

    NFC_SUN = "nfc_sun"
    """The one-time address that an NTAG 424 DNA chip writes at each tap."""
    BLUETOOTH_EID = "bluetooth_eid"
    """The rotating identifier of a beacon (Eddystone-EID)."""
    SOUND_CODE = "sound_code"
    """A rotating code heard as near-ultrasound."""


KINDS: Final[Mapping[FactorKind, frozenset[str]]] = MappingProxyType(
    {
        FactorKind.NFC_SUN: frozenset({"picc_data", "cmac"}),
        FactorKind.BLUETOOTH_EID: frozenset({"eid", "rssi"}),
        FactorKind.SOUND_CODE: frozenset({"code"}),
    }
)
"""The names of the texts that each kind carries, all of them needed."""


@dataclass(frozen=True, slots=True)
class FactorEvidence:
    """What one reader saw.

    Parameters
    ----------
    kind
        Which kind of factor.
    data
        Pairs of name and text, exactly the names of `KINDS`; kept in order of name.

    Raises
    ------
    ValueError
        When the names are not exactly those of the kind.
    """

    kind: FactorKind
    data: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.data]
        if sorted(names) != sorted(KINDS[self.kind]):
            wanted = ", ".join(sorted(KINDS[self.kind]))
            raise ValueError(f"data of {self.kind} must have exactly the names {wanted}")
        object.__setattr__(self, "data", tuple(sorted(self.data)))

    def claim(self) -> FactorClaim:
        """Give the form that an envelope carries."""
        return FactorClaim(str(self.kind), self.data)

    @classmethod
    def from_claim(cls, claim: FactorClaim) -> Self:
        """Read what an envelope carried.

        Raises
        ------
        ValueError
            For a kind that this version does not know, or texts that do not belong to it.
        """
        return cls(FactorKind(claim.kind), claim.data)
