"""A codebook: the patterns of a family, their numbers and their codes."""

import hashlib
import json
import os
import uuid
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from stampsdk.codebook._candidates import UM_PER_MM, Rules
from stampsdk.codebook._decoding import address_of
from stampsdk.codebook._lattice import dimensions
from stampsdk.codebook._rules import rules_of, steps_of
from stampsdk.codebook.codes import Addresses, address_of_serial, serial_of
from stampsdk.codebook.errors import CodebookError, SerialError
from stampsdk.codebook.family import StampFamily

_FORMAT = "stamp codebook 1"
_BATCH = 1 << 16


@dataclass(frozen=True)
class Codebook:
    """All patterns of a family, numbered from 0.

    Attributes
    ----------
    family : StampFamily
    addresses : int16 (N, D)
        Whole coordinates of each in the family's lattice, in lexicographic order. A pattern follows from its
        address and the family alone.
    """

    family: StampFamily
    addresses: Addresses

    def __len__(self) -> int:
        return len(self.addresses)

    def steps(self, numbers: npt.ArrayLike | None = None) -> npt.NDArray[np.int32]:
        """Return patterns (K, n, 2) in whole µm, as they stand on the face; all without numbers."""
        chosen = self.addresses if numbers is None else self.addresses[np.asarray(numbers, np.int64)]
        return steps_of(self._rules, chosen)

    def points(self, numbers: npt.ArrayLike | None = None) -> npt.NDArray[np.float64]:
        """Return patterns (K, n, 2) in mm, as the screen sees them, the middle of the face at the origin."""
        return self.steps(numbers) / UM_PER_MM

    def serial(self, number: int) -> str:
        """Return the text to engrave for a number."""
        return serial_of(self.addresses[number])

    def number_of(self, pattern: npt.ArrayLike) -> int | None:
        """Return the number of a pattern (n, 2), mm, exact but in any place, angle and order; or None."""
        address = address_of(self._rules, np.asarray(pattern, np.float64))
        return None if address is None else self._find(address)

    def number_of_serial(self, serial: str) -> int:
        """Return the number of a serial.

        Raises
        ------
        SerialError
            It is no serial, or none of this codebook; the code says why.
        """
        number = self._find(address_of_serial(serial, dimensions(self.family.tips)))
        if number is None:
            raise SerialError(f"{serial!r} is no serial of the family {self.family.name!r}", "serial_unknown")
        return number

    def digest(self) -> str:
        """Return the SHA-256 digest of all patterns, int32 little-endian, µm."""
        digest = hashlib.sha256()
        for start in range(0, len(self), _BATCH):
            steps = steps_of(self._rules, self.addresses[start : start + _BATCH])
            digest.update(steps.astype("<i4").tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write the addresses to a file, which appears whole or not at all."""
        head = {"format": _FORMAT, "family": self.family.name, "rules": rules_digest(self.family)}
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            with temporary.open("xb") as file:
                np.savez_compressed(
                    file,
                    head=np.frombuffer(json.dumps(head).encode(), np.uint8),
                    # Differences to the line before are nearly all small, so that they take few bytes.
                    addresses=np.diff(self.addresses, axis=0, prepend=np.int16(0)).T,
                )
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path, family: StampFamily) -> Self:
        """Read the codebook of a family.

        Raises
        ------
        CodebookError
            It is damaged, or that of another family; the code says which.
        OSError
            The file cannot be read.
        """
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                head = json.loads(file["head"].tobytes())
                addresses = np.cumsum(file["addresses"].T, axis=0, dtype=np.int16)
        except (ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise CodebookError(f"{path} is no codebook, or it is damaged: generate it again") from error
        expected = {"format": _FORMAT, "family": family.name, "rules": rules_digest(family)}
        if head != expected or addresses.ndim != 2 or addresses.shape[1] != dimensions(family.tips):  # noqa: PLR2004
            raise CodebookError(
                f"{path} was generated for another family, or for this one as it was: generate it again",
                "codebook_foreign",
            )
        return cls(family, addresses)

    @cached_property
    def _rules(self) -> Rules:
        return rules_of(self.family)

    @cached_property
    def _sorted(self) -> npt.NDArray[np.bytes_]:
        return _as_text(self.addresses)

    def _find(self, address: Addresses) -> int | None:
        wanted = _as_text(address[np.newaxis])[0]
        place = int(np.searchsorted(self._sorted, wanted))
        return place if place < len(self) and self._sorted[place] == wanted else None


def _as_text(addresses: Addresses) -> npt.NDArray[np.bytes_]:
    """Return addresses as bytes whose order is theirs."""
    shifted = (addresses.astype(np.int32) + (1 << 15)).astype(">u2")
    width = 2 * addresses.shape[1]
    return np.ascontiguousarray(shifted).view(np.dtype(f"S{width}")).reshape(-1)


def rules_digest(family: StampFamily) -> str:
    """Return a digest of all of a family that its patterns depend on."""
    text = repr((family.tips, family.face, family.spacing_mm, family.edge_mm, family.distance_mm,
                 family.stretch, family.widest, family.gauge_um, family.seed))  # fmt: skip
    if family.scale != "known":  # so that what was generated before there were others stays what it is
        text += repr((family.scale, family.scale_error))
    return hashlib.sha256(text.encode()).hexdigest()
