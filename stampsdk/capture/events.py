"""What goes into the detector: touch events of one screen, in pixels and seconds."""

from dataclasses import dataclass
from typing import Literal, get_args

TouchKind = Literal["down", "move", "up", "cancel"]
_KINDS = get_args(TouchKind)


@dataclass(frozen=True, slots=True)
class TouchEvent:
    """One report of the screen about one contact.

    Parameters
    ----------
    kind
        ``"down"``, ``"move"``, ``"up"``, or ``"cancel"``: the system took the touches away.
        A cancel is about all contacts; its ``uid``, ``x`` and ``y`` are ignored.
    uid
        The host's name of the contact, the same from its down to its up.
    x, y
        Screen pixels, x to the right, y down. Ignored in an up.
    time_s
        Seconds of a clock that does not run backwards; the zero does not matter. Events of one
        hardware frame carry the same time.
    pressure, size
        As the host reports them, kept with the frames; never used to decide.

    Raises
    ------
    ValueError
        When ``kind`` is none of the four.
    """

    kind: TouchKind
    uid: int
    x: float
    y: float
    time_s: float
    pressure: float | None = None
    size: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"kind must be one of {', '.join(_KINDS)}, not {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact as it was seen at one instant, in screen pixels (x right, y down)."""

    uid: int
    x: float
    y: float
    pressure: float | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """All contacts at one instant, in the order in which they landed."""

    time_s: float
    contacts: tuple[Contact, ...]
