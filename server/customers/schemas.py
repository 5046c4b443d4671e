"""What devices and customers send and get."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from server.core.schemas import ApiModel, ShortText
from server.customers.models import Algorithm

_Coordinate = Annotated[str, StringConstraints(min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]{43}$")]
RecoveryCode = Annotated[
    str,
    StringConstraints(max_length=100),
    Field(description="as it was shown; spaces, dashes and small letters are forgiven"),
]


class PublicJwk(BaseModel):
    """An EC public key on P-256 as a JSON Web Key. Members that say nothing about the point are ignored."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: _Coordinate
    y: _Coordinate


class _Enrolment(ApiModel):
    model: ShortText | None = Field(default=None, description="what the person may know the device by")
    recovery_code: RecoveryCode | None = Field(
        default=None, description="joins the customer who holds the code, in place of a new one"
    )


class KeyEnrolment(_Enrolment):
    """A device that has made a key pair and keeps the private half."""

    algorithm: Literal["ES256"]
    public_key: PublicJwk


class SecretEnrolment(_Enrolment):
    """A device without public-key cryptography; it gets a secret."""

    algorithm: Literal["HS256"]


Enrolment = Annotated[KeyEnrolment | SecretEnrolment, Field(discriminator="algorithm")]


class EnrolledDevice(ApiModel):
    """A new device. Secret, token and recovery code are in this answer only."""

    id: str = Field(examples=["dev_019ab3d1f0aa7c2e8f10b1c2d3e4f506"])
    customer: str
    algorithm: Algorithm
    secret: str | None = Field(description="HS256: 32 bytes in base64url without padding, to sign with")
    token: str = Field(description="to read with: Authorization: Bearer dt_…")
    recovery_code: str | None = Field(description="for a new customer: to be written down")


class NewRecoveryCode(ApiModel):
    """A new recovery code; the one before is void."""

    recovery_code: str = Field(examples=["7KQ2-M9XD-RTHV-4CPA"])


class DeviceSummary(ApiModel):
    """One of the customer's devices."""

    id: str
    algorithm: Algorithm
    model: str | None
    created_at: datetime
    current: bool = Field(description="whether it is the one that asks")


class Me(ApiModel):
    """What the server knows of the person behind a device."""

    id: str
    created_at: datetime
    devices: list[DeviceSummary]
