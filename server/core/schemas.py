"""The base of request and response models, and the text and number types they share."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


class ApiModel(BaseModel):
    """A model of the API: unknown members, NaN and infinities are refused; values do not change."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, from_attributes=True)


def _whole(value: Any) -> Any:
    # JSON has one kind of number: 5.0 is an integer.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _known_timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("is no IANA timezone, as Asia/Seoul is")
    ZoneInfo(value)
    return value


def _has_content(value: str) -> str:
    if not value.strip():
        raise ValueError("is blank")
    return value.strip()


Number = Annotated[float, Field(strict=True)]
Integer = Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=-(2**63), le=2**63 - 1)]
ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"\S"), AfterValidator(_has_content)
]
LongText = Annotated[str, StringConstraints(max_length=2000)]
TimezoneName = Annotated[
    str, StringConstraints(max_length=64), AfterValidator(_known_timezone), Field(examples=["Asia/Seoul"])
]


class Bilingual(ApiModel):
    """A text for people, in Korean and English."""

    ko: ShortText = Field(examples=["아메리카노 한 잔"])
    en: ShortText = Field(examples=["One americano"])
