"""What the API says about stamps."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.core.schemas import ApiModel, Number
from server.stamps.models import StampKind, StampStatus

_PATTERN_EXAMPLE = [[0.0, 0.0], [14.2, 1.5], [30.1, 12.0], [9.3, 25.4], [24.0, 31.2]]

Point = Annotated[list[Number], Field(min_length=2, max_length=2)]
Points = Annotated[list[Point], Field(min_length=3, max_length=10)]
Serial = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/*~$=-]{0,63}$",
        description="engraved on the stamp; serials of families may end in one of * ~ $ =",
        examples=["S-0001"],
    ),
]
ShopIds = Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=100)]


class EnrolmentPress(ApiModel):
    """One press of the stamp to enrol, on a screen of known density."""

    touches: Points = Field(description="screen coordinates, x right, y down")
    px_per_mm: Annotated[Number, Field(ge=1, le=100)] = Field(examples=[6.3])


class StampReplacement(ApiModel):
    """The stamp that takes a lost one's place: either its pattern or three presses of it."""

    serial: Serial
    pattern_mm: Points | None = Field(
        None, description="tips in mm as the screen sees them, x right, y down", examples=[_PATTERN_EXAMPLE]
    )
    presses: Annotated[list[EnrolmentPress], Field(min_length=3, max_length=3)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.pattern_mm is None) == (self.presses is None):
            raise ValueError("give either pattern_mm or presses")
        return self


class StampCreate(ApiModel):
    """A new stamp: either its pattern or three presses of it."""

    serial: Serial
    kind: StampKind = Field(
        "fixed",
        description="fixed: in one shop's fence; zone: in several; courier: moves with a person, "
        "and its first shop gets the credit",
    )
    shops: ShopIds
    pattern_mm: Points | None = Field(
        None, description="tips in mm as the screen sees them, x right, y down", examples=[_PATTERN_EXAMPLE]
    )
    presses: Annotated[list[EnrolmentPress], Field(min_length=3, max_length=3)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.pattern_mm is None) == (self.presses is None):
            raise ValueError("give either pattern_mm or presses")
        return self


class StampUpdate(ApiModel):
    """Changes to a stamp; what is left out stays. A pattern never changes; a retired stamp stays retired."""

    kind: StampKind | None = None
    shops: ShopIds | None = None
    status: StampStatus | None = None


class ConfusableWarning(ApiModel):
    """Another stamp nearby that presses may be mistaken for."""

    code: Literal["confusable"] = "confusable"
    stamp: str | None = Field(description="the other stamp, null when it is another partner's")
    distance_mm: float = Field(description="how much the two patterns differ, root mean square over the tips")
    metres: float | None = Field(description="how far apart the two are at home, null for couriers")


class StampSummary(ApiModel):
    """A stamp, in a list."""

    id: str = Field(examples=["stp_0192f1c2a5b77d3e8a41c9e0b2d4f6a8"])
    serial: str
    kind: StampKind
    shops: list[str]
    tips: int
    pattern_mm: list[list[float]] = Field(examples=[_PATTERN_EXAMPLE])
    status: StampStatus
    created_at: datetime


class StampBody(StampSummary):
    """A stamp."""

    warnings: list[ConfusableWarning]
    spread_mm: float | None = Field(
        None, description="after an enrolment: standard deviation of a touch per axis over the presses"
    )
