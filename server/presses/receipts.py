"""The keys that sign receipts: kept in a file of their own, published as a JSON Web Key Set."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from server.core.key_files import make_once
from server.settings import Settings
from stampsdk.protocol import ES256Signer, KeyFormatError, Receipt, jwk_thumbprint, sign_receipt

__all__ = ["ReceiptKeyError", "ReceiptKeys"]

_FILE_NAME: Final = "receipt-keys.json"


class ReceiptKeyError(RuntimeError):
    """The file of receipt keys cannot be used; the message names it and says what to do."""


class ReceiptKeys:
    """The private keys of this service, the newest first: it signs, the others are still published.

    To change the key, put a new one before the others in the file and restart; receipts of the old one stay
    good as long as it is listed.

    Parameters
    ----------
    keys
        Private P-256 JSON Web Keys, at least one.
    """

    def __init__(self, keys: Sequence[dict[str, Any]]) -> None:
        if not keys or not all(isinstance(key, dict) for key in keys):
            raise ValueError("keys: at least one JSON Web Key is wanted")
        named = [(ES256Signer.from_jwk(key).public_jwk, key) for key in keys]
        public, private = named[0]
        self._signer = ES256Signer.from_jwk(private, jwk_thumbprint(public))
        self._public = [
            {**public, "kid": jwk_thumbprint(public), "use": "sig", "alg": "ES256"} for public, _ in named
        ]

    @classmethod
    def generate(cls) -> "ReceiptKeys":
        """Make a key that lives in memory only."""
        return cls([ES256Signer.generate().private_jwk])

    @classmethod
    def load_or_create(cls, path: Path) -> "ReceiptKeys":
        """Read the file of keys, and make it with one new key when it does not exist.

        Parameters
        ----------
        path
            ``{"keys": […]}``, private JSON Web Keys. A new file is readable by its owner only; of several
            processes that start at once, all use the file of the first.

        Raises
        ------
        ReceiptKeyError
            When the file cannot be read or made, holds something else, or others may read it.
        """
        try:
            if not path.exists():
                make_once(path, json.dumps({"keys": [ES256Signer.generate().private_jwk]}).encode())
            if path.stat().st_mode & 0o077:
                raise ReceiptKeyError(f"{path}: others may read these keys. Run: chmod 600 {path}")
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(content["keys"])
        except OSError as error:
            raise ReceiptKeyError(
                f"{path}: {error.strerror}. Name a writable file with STAMP_RECEIPT_KEY_PATH"
            ) from error
        except (ValueError, KeyError, TypeError, KeyFormatError) as error:
            raise ReceiptKeyError(
                f"{path}: this is no list of private P-256 keys. Restore it from a backup. If there is "
                "none, move it away, and a new key is made: receipts given so far can then not be checked"
            ) from error

    @property
    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public halves, as `GET /v1/receipt-keys` gives them."""
        return {"keys": self._public}

    def sign(self, receipt: Receipt) -> str:
        """Sign a receipt with the newest key."""
        return sign_receipt(receipt, self._signer)


def receipt_key_path(settings: Settings) -> Path:
    """Say where the keys lie: where the settings say, else beside the SQLite file, else in ``var/``."""
    if settings.receipt_key_path is not None:
        return settings.receipt_key_path
    return settings.data_folder / _FILE_NAME
