"""The server's receipt keys, remembered so that receipts can be checked without it."""

import logging

from stampsdk.client import _json
from stampsdk.client.errors import ClientError
from stampsdk.client.models import Outcome
from stampsdk.client.store import FileStore
from stampsdk.client.transport import Transport
from stampsdk.protocol import Receipt, ReceiptError, verify_receipt

__all__ = ["ReceiptKeys"]

_logger = logging.getLogger(__name__)


class ReceiptKeys:
    """Remembers `GET /v1/receipt-keys` and checks receipts against it."""

    def __init__(self, transport: Transport, store: FileStore) -> None:
        self._transport = transport
        self._store = store

    def verify(self, receipt: str) -> Receipt:
        """Check a receipt against the remembered keys; see `stampsdk.protocol.verify_receipt`."""
        return verify_receipt(receipt, self._store.load().receipt_keys or {"keys": []})

    def refresh(self) -> None:
        """Fetch the published keys. Older ones are kept: receipts outlive the keys in use."""
        answer = self._transport.call("GET", "/v1/receipt-keys", headers={})
        fresh = _json.array(_json.obj(answer.result(), "receipt keys"), "keys")
        known = (self._store.load().receipt_keys or {}).get("keys", [])
        kept = [key for key in known if key not in fresh]
        self._store.update(receipt_keys={"keys": [*fresh, *kept]})

    def learn_for(self, outcome: Outcome) -> None:
        """Fetch the keys when this outcome's receipt names one not seen yet; a failure loses nothing."""
        if outcome.receipt is None:
            return
        try:
            self.verify(outcome.receipt)
        except ReceiptError as error:
            if error.code != "unknown_key":
                return
        else:
            return
        try:
            self.refresh()
        except ClientError as error:
            _logger.info("receipt keys not fetched: %s", error.code)
