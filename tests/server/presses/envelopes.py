"""Envelopes for tests: a device that signs, and what it signs."""

import dataclasses
import json

import numpy as np

from stampsdk.geometry.noise import NoiseModel, simulate_touches
from stampsdk.protocol import (
    DeviceInfo,
    ES256Signer,
    HS256Signer,
    Location,
    PressReport,
    ScreenInfo,
    base64url,
    build_envelope,
    parse_envelope,
)

NONCE = base64url.encode(bytes(32))
SENT_AT = "2026-11-20T10:00:00+09:00"
SEOUL = (37.5663, 126.9779)
PATTERN = ((0.0, 0.0), (15.0, 0.0), (30.0, 12.0), (9.0, 25.0), (24.0, 31.0))
OTHER_PATTERN = ((0.0, 0.0), (20.0, 3.0), (33.0, 20.0), (12.0, 30.0), (1.0, 17.0))
PX_PER_MM = 6.3
_SOME_DEVICE = HS256Signer(bytes(32), "dev_some")


def at(lat=SEOUL[0], lon=SEOUL[1], accuracy_m=12.0, **members):
    return Location(lat, lon, accuracy_m, **members)


def press_of(pattern=PATTERN, *, seed=0, sigma_mm=0.0, px_per_mm=PX_PER_MM, scale_error=0.0):
    """Return touches in px of a pattern in mm, at a random place and angle."""
    noise = NoiseModel(sigma_mm=sigma_mm, scale_error=scale_error, quantum_mm=0.0)
    rng = np.random.default_rng(seed)
    touches = simulate_touches(np.asarray(pattern), rng, noise=noise, px_per_mm=px_per_mm)
    return tuple((float(x), float(y)) for x, y in touches)


def compact(
    signer=_SOME_DEVICE,
    *,
    challenge="chl_some",
    nonce=NONCE,
    touches=None,
    frames=(),
    source="script",
    px_per_mm=PX_PER_MM,
    location=None,
    os=None,
    **members,
):
    """Sign an envelope; `location` None with no error means at the default place."""
    if location is None and "location_error" not in members:
        location = at()
    return build_envelope(
        signer,
        challenge=challenge,
        nonce=nonce,
        press=PressReport(touches=press_of() if touches is None else touches, frames=frames, source=source),
        screen=ScreenInfo(412.0, 915.0, px_per_mm),
        device=DeviceInfo(os=os, app="tests/1"),
        location=location,
        sent_at=SENT_AT,
        **members,
    )


def envelope(**members):
    """Return a parsed envelope."""
    return parse_envelope(compact(**members))


def resign(text, signer, change):
    """Change the payload of an envelope and sign it again, without the checks of `build_envelope`."""
    payload = json.loads(base64url.decode(text.split(".")[1]))
    changed = change(payload)
    raw = (
        changed
        if isinstance(changed, bytes)
        else json.dumps(payload if changed is None else changed).encode()
    )
    return sign_raw(raw, signer)


def sign_raw(payload, signer, **header):
    """Sign any bytes as an envelope's payload."""
    members = {"alg": signer.algorithm, "kid": signer.key_id, "typ": "stamp-press+jws"} | header
    head = base64url.encode(json.dumps(members, separators=(",", ":")).encode())
    signing_input = f"{head}.{base64url.encode(payload)}"
    return f"{signing_input}.{base64url.encode(signer.sign(signing_input.encode()))}"


@dataclasses.dataclass
class Phone:
    """An enrolled device, driven by hand over HTTP."""

    client: object
    id: str
    customer: str
    token: str
    signer: object

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token}"}

    def challenges(self, purpose="stamp", count=1):
        body = {"purpose": purpose, "count": count}
        answer = self.client.post("/v1/challenges", json=body, headers=self.headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["challenges"]

    def envelope(self, *, challenge=None, purpose="stamp", **members):
        challenge = challenge or self.challenges(purpose)[0]
        return compact(
            self.signer, challenge=challenge["id"], nonce=challenge["nonce"], purpose=purpose, **members
        )

    def submit(self, text):
        return self.client.post("/v1/presses", json={"envelope": text})

    def press(self, **members):
        return self.submit(self.envelope(**members))


def enrol(client, publishable_key, *, algorithm="ES256", recovery_code=None):
    """Enrol a device and return it as a `Phone`."""
    body = {"algorithm": algorithm}
    if algorithm == "ES256":
        key = ES256Signer.generate()
        body["public_key"] = key.public_jwk
    if recovery_code is not None:
        body["recovery_code"] = recovery_code
    answer = client.post("/v1/devices", json=body, headers={"Stamp-Key": publishable_key})
    assert answer.status_code == 201, answer.text
    enrolled = answer.json()
    if algorithm == "ES256":
        signer = ES256Signer.from_jwk(key.private_jwk, enrolled["id"])
    else:
        signer = HS256Signer(base64url.decode(enrolled["secret"]), enrolled["id"])
    phone = Phone(client, enrolled["id"], enrolled["customer"], enrolled["token"], signer)
    phone.recovery_code = enrolled["recovery_code"]
    return phone
