"""A code from the staff's screen in place of a press, for a phone that cannot read the stamp."""

import re
from typing import Any, Final

from stampsdk.client.identity import Identity
from stampsdk.client.models import Outcome
from stampsdk.client.transport import Transport
from stampsdk.protocol import Location

__all__ = ["send_staff_code"]

_CODE: Final = re.compile(r"[0-9]{6}")
_MOST_ACCURACY_M: Final = 1e6


def send_staff_code(
    transport: Transport, identity: Identity, code: str, shop: str | None, location: Location | None
) -> Outcome:
    """Send the code, the same request until there is an answer; see `PhoneClient.use_staff_code`."""
    if not isinstance(code, str):
        raise TypeError("code is a text of six digits")
    digits = re.sub(r"[\s-]", "", code)
    if not _CODE.fullmatch(digits):
        raise ValueError("code must be six digits, as the staff's screen shows them")
    body = {"code": digits, "shop": shop, "location": _place(location)}
    answer = transport.call("POST", "/v1/staff-codes", headers=identity.authorization(), json=body)
    if answer.verdict is None:
        answer.result()  # raises for a 4xx that judged no code
    return Outcome.from_json(answer.body, replayed=answer.replayed)


def _place(location: Location | None) -> dict[str, Any] | None:
    """Lay out a place that helps to find the shop; one that is nowhere on the globe does not."""
    if location is None:
        return None
    lat, lon, accuracy_m = location.lat, location.lon, location.accuracy_m
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0 and accuracy_m >= 0.0):  # noqa: PLR2004 (NaN is none of it)
        return None
    return {"lat": lat, "lon": lon, "accuracy_m": min(accuracy_m, _MOST_ACCURACY_M)}
