"""The device's identity: its key, the id and token that the server gave it."""

from typing import Any, Final

from stampsdk.client import _json
from stampsdk.client.errors import AnswerError, RefusedError, StoreError
from stampsdk.client.store import FileStore, Memory
from stampsdk.client.transport import Transport
from stampsdk.protocol import (
    Algorithm,
    ES256Signer,
    HS256Signer,
    KeyFormatError,
    Signer,
    base64url,
    es256_available,
)

__all__ = ["Identity"]

_MODEL_CHARS: Final = 100


class Identity:
    """Enrols on first use and signs from then on.

    Parameters
    ----------
    transport, store
        Where to enrol and where to remember it.
    publishable_key
        The app's key ``pk_…``.
    algorithm
        What to enrol with.
    model
        What the person may know the device by, or None.
    """

    def __init__(
        self,
        transport: Transport,
        store: FileStore,
        *,
        publishable_key: str,
        algorithm: Algorithm | None = None,
        model: str | None = None,
    ) -> None:
        self._transport = transport
        self._store = store
        self._publishable_key = publishable_key
        self._algorithm: Algorithm = algorithm or ("ES256" if es256_available() else "HS256")
        self._model = model

    def ensure(self) -> Memory:
        """Give the enrolled identity, enrolling now if there is none."""
        memory = self._store.load()
        return self.enrol() if memory.device is None else memory

    def enrol(self, recovery_code: str | None = None) -> Memory:
        """Enrol with a fresh key, for a new customer or for the holder of a recovery code.

        The identity is remembered only once it is whole. When the answer is lost, the server keeps a
        device that nobody uses, and the next try makes another: with a new key, since the first one's is
        taken by then.

        Raises
        ------
        TransportError, RefusedError, AnswerError
            As the call goes; what was remembered before stays.
        """
        try:
            return self._enrol_once(recovery_code)
        except RefusedError as error:
            if error.code != "device_exists":
                raise
            # The key was fresh: the transport's first try was enrolled, and its answer got lost.
            return self._enrol_once(recovery_code)

    def _enrol_once(self, recovery_code: str | None) -> Memory:
        body: dict[str, Any] = {"algorithm": self._algorithm}
        key: ES256Signer | None = None
        if self._algorithm == "ES256":
            key = ES256Signer.generate()
            body["public_key"] = key.public_jwk
        if self._model:
            body["model"] = self._model[:_MODEL_CHARS]
        if recovery_code is not None:
            body["recovery_code"] = recovery_code
        headers = {"Stamp-Key": self._publishable_key}
        answer = self._transport.call("POST", "/v1/devices", headers=headers, json=body)
        device = _json.obj(answer.result(), "device")
        if device.get("algorithm") != self._algorithm:
            raise AnswerError("algorithm: the server enrolled another one than asked for")
        changes: dict[str, Any] = {name: _json.text(device, name) for name in ("customer", "token")}
        return self._store.update(
            device=_json.text(device, "id"),
            algorithm=self._algorithm,
            key=_secret(device) if key is None else key.private_jwk,
            recovery_code=_json.maybe_text(device, "recovery_code"),
            **changes,
        )

    def signer(self) -> Signer:
        """Give the device's key.

        Raises
        ------
        StoreError
            When the remembered key cannot be used on this machine.
        """
        memory = self.ensure()
        name = str(memory.device)
        try:
            if memory.algorithm == "ES256":
                return ES256Signer.from_jwk(memory.key, name)
            return HS256Signer(base64url.decode(memory.key), name)
        except (KeyFormatError, TypeError, ValueError, AttributeError) as error:
            raise StoreError(f"the key in {self._store.path} cannot be used here: {error}") from error

    def authorization(self) -> dict[str, str]:
        """Give the header that reads with the device's token."""
        return {"Authorization": f"Bearer {self.ensure().token}"}


def _secret(device: Any) -> str:
    text = _json.text(device, "secret")
    try:
        HS256Signer(base64url.decode(text))
    except ValueError:
        raise AnswerError("secret: 32 bytes as base64url are wanted") from None
    return text
