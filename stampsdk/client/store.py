"""The device's memory: one private JSON file, written whole or not at all."""

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from stampsdk.client.errors import StoreError

__all__ = ["FileStore", "Memory", "Pending"]

_VERSION: Final = 1
_FILE_NAME: Final = "stamp-device.json"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """An envelope that was sent, or about to be, and whose answer never came."""

    envelope: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What a device remembers.

    Attributes
    ----------
    device, customer, algorithm, key, token
        From enrolment; ``key`` is the private JWK or the HMAC secret as base64url. All None before it.
    recovery_code
        Until the person has saved it.
    pending
        Envelopes without an answer, oldest first.
    receipt_keys
        The server's published key set.
    """

    device: str | None = None
    customer: str | None = None
    algorithm: str | None = None
    key: Any = None
    token: str | None = None
    recovery_code: str | None = None
    pending: tuple[Pending, ...] = ()
    receipt_keys: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Lay out the file."""
        return {
            "version": _VERSION,
            "device": self.device,
            "customer": self.customer,
            "algorithm": self.algorithm,
            "key": self.key,
            "token": self.token,
            "recovery_code": self.recovery_code,
            "pending": [{"envelope": each.envelope, "purpose": each.purpose} for each in self.pending],
            "receipt_keys": self.receipt_keys,
        }

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read the file's content.

        Raises
        ------
        ValueError
            When it is not what `to_json` writes.
        """
        _hold(isinstance(body, dict), "an object is wanted")
        texts = {
            name: body.get(name) for name in ("device", "customer", "algorithm", "token", "recovery_code")
        }
        _hold(all(isinstance(value, str | None) for value in texts.values()), "an identity is made of texts")
        enrolled = [texts["device"], texts["customer"], texts["algorithm"], texts["token"], body.get("key")]
        _hold(len({value is None for value in enrolled}) == 1, "an identity is whole or absent")
        keys, waiting = body.get("receipt_keys"), body.get("pending")
        _hold(isinstance(keys, dict | None), "receipt keys are an object")
        _hold(isinstance(waiting, list), "pending envelopes are a list")
        try:
            pending = tuple(Pending(str(each["envelope"]), str(each["purpose"])) for each in waiting)
        except (KeyError, TypeError):
            raise ValueError("a pending envelope is an object") from None
        return cls(**texts, key=body.get("key"), pending=pending, receipt_keys=keys)


class FileStore:
    """A `Memory` in a file that only its owner may read.

    A file that cannot be understood is moved aside, never overwritten, and `notice` says so: the device
    enrols anew, and the person can get the cards back with the recovery code.

    Parameters
    ----------
    path
        The file, or an existing folder that gets one. Missing parents are made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        path = Path(path)
        self.path = path / _FILE_NAME if path.is_dir() else path
        self.notice: str | None = None
        """What happened to an unreadable file, or None."""
        self._memory: Memory | None = None

    def load(self) -> Memory:
        """Give what is remembered; nothing at first.

        Raises
        ------
        StoreError
            When the file cannot be read at all, or was written by a newer version: it is left alone.
        """
        if self._memory is None:
            self._memory = self._read()
        return self._memory

    def save(self, memory: Memory) -> None:
        """Replace the file in one step; after a crash there is the old one or the new one.

        Raises
        ------
        StoreError
            When it cannot be written; the old file and memory stay.
        """
        data = json.dumps(memory.to_json(), ensure_ascii=False).encode("utf-8")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # mkstemp makes the file with mode 0600, so that the key is private from the first byte.
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}); give another store"
            ) from error
        self._memory = memory

    def update(self, **changes: Any) -> Memory:
        """Save what is remembered with changes."""
        memory = replace(self.load(), **changes)
        self.save(memory)
        return memory

    def _read(self) -> Memory:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return Memory()
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read ({error.strerror}); give another store") from error
        try:
            body = json.loads(data)
            if isinstance(body, dict) and isinstance(body.get("version"), int) and body["version"] > _VERSION:
                raise StoreError(f"{self.path} was written by a newer version; update this app")
            _hold(isinstance(body, dict) and body.get("version") == _VERSION, "no version")
            return Memory.from_json(body)
        except (ValueError, RecursionError) as error:
            self._move_aside(error)
            return Memory()

    def _move_aside(self, error: Exception) -> None:
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        try:
            self.path.replace(aside)
        except OSError as failure:
            raise StoreError(f"{self.path} is damaged and cannot be moved aside") from failure
        self.notice = f"{self.path} was damaged and is kept as {aside.name}; this device enrols anew"
        _logger.warning("%s (%s)", self.notice, type(error).__name__)


def _hold(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
