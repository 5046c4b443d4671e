"""Secrets that must be readable again, kept sealed: AES-256-GCM under a key that never enters the database.

A secret that only has to be compared is hashed instead (`server.core.tokens`).
"""

import base64
import binascii
import hashlib
import secrets
from typing import Annotated, Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Depends, Request

from server.core.key_files import make_once
from server.settings import Settings

KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_NONCE_BYTES: Final = 12


class SealingError(Exception):
    """A sealed value does not open: altered, moved to another row or field, or sealed under another key."""


class Sealer:
    """Seals and opens small secrets, and derives keys for other purposes.

    Parameters
    ----------
    key
        32 random bytes. New values are sealed under it.
    *retired
        Keys that were `key` before; values sealed under them still open.

    Notes
    -----
    Each table, row and field has an AES key of its own, derived by HKDF-SHA256
    (RFC 5869), and is bound as associated data too: a value copied elsewhere
    does not open, and no number of rows wears out the 96-bit random nonces.
    """

    def __init__(self, key: bytes, *retired: bytes) -> None:
        if any(len(each) != KEY_BYTES for each in (key, *retired)):
            raise ValueError(f"key: {KEY_BYTES} bytes are needed")
        self._key = key
        self._keys = {_derive(each, "key id")[:_KEY_ID_BYTES]: each for each in (*retired, key)}
        self._key_id = _derive(key, "key id")[:_KEY_ID_BYTES]

    def seal(self, secret: bytes, *, table: str, row: str, field: str) -> bytes:
        """Return `secret` sealed for this table, row and field."""
        place = _place(table, row, field)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        head = _VERSION + self._key_id + nonce
        return head + AESGCM(_derive(self._key, place)).encrypt(nonce, secret, place.encode())

    def open(self, sealed: bytes, *, table: str, row: str, field: str) -> bytes:
        """Return what was sealed for this table, row and field, or raise `SealingError`."""
        version, rest = sealed[:1], sealed[1:]
        key_id, rest = rest[:_KEY_ID_BYTES], rest[_KEY_ID_BYTES:]
        nonce, box = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        place = _place(table, row, field)
        if version != _VERSION or len(nonce) != _NONCE_BYTES:
            raise SealingError(f"{place}: no sealed value of a known version")
        if key_id not in self._keys:
            raise SealingError(f"{place}: sealed under a key that this server does not have")
        try:
            return AESGCM(_derive(self._keys[key_id], place)).decrypt(nonce, box, place.encode())
        except InvalidTag as error:
            raise SealingError(f"{place}: altered, or moved from another place") from error

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes that only this server can compute, the same each time for one `purpose`."""
        return _derive(self._key, f"purpose|{purpose}")


def load_sealer(settings: Settings) -> Sealer:
    """Return the server's sealer.

    The key is ``STAMP_SEALING_KEY`` where it is set. Otherwise it is read from
    a file, which is made with mode 0600 on the first start: the one that
    ``STAMP_SEALING_KEY_PATH`` names, or ``sealing.key`` beside the SQLite file,
    or ``var/sealing.key``. Without the key no sealed secret can be opened
    again: keep a copy of it, apart from the copies of the database.

    Raises
    ------
    ValueError
        Where the key is not 32 bytes in base64url; the message names the source.
    """
    if settings.sealing_key is not None:
        return Sealer(_decode(settings.sealing_key.get_secret_value(), "STAMP_SEALING_KEY"))
    path = settings.sealing_key_path or settings.data_folder / "sealing.key"
    if not path.exists():
        make_once(path, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=") + b"\n")
    return Sealer(_decode(path.read_text("ascii", errors="replace"), str(path)))


def _decode(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip().rstrip("=") + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"{source}: {KEY_BYTES} bytes in base64url (43 characters) are needed")
    return key


def _place(table: str, row: str, field: str) -> str:
    return f"{table}|{row}|{field}"


def _derive(key: bytes, info: str) -> bytes:
    salt = hashlib.sha256(b"stamp server sealing").digest()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info.encode()).derive(key)


def _sealer(request: Request) -> Sealer:
    state = request.app.state
    if getattr(state, "sealer", None) is None:
        state.sealer = load_sealer(state.settings)
    return cast("Sealer", state.sealer)


SealerDep = Annotated[Sealer, Depends(_sealer)]
