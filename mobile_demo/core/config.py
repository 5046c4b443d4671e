"""What the app is told at its start: on a desk by arguments, on a phone by the file it was built with."""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stampsdk.protocol import Location

__all__ = ["AppConfig", "ConfigError", "config_from_arguments", "config_from_file"]


DESK_WINDOW: Final = (420, 900)


class ConfigError(ValueError):
    """A configuration that cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class AppConfig:
    """The app's configuration.

    Attributes
    ----------
    server, key
        The server's address and the partner's publishable key.
    store
        The file of the device's key; None for the app's own folder.
    language
        ``ko`` or ``en``; None to follow the system.
    location
        A fixed place for a desk; None to ask the phone.
    tuio
        ``host:port`` to take touches from over TUIO; None for the screen's own.
    ca_file
        A certificate to trust besides the system's, for a server on the desk.
    window
        Width and height on a desk, px; a phone has its own.
    """

    server: str
    key: str
    store: Path | None = None
    language: str | None = None
    location: Location | None = None
    tuio: str | None = None
    ca_file: Path | None = None
    window: tuple[int, int] = DESK_WINDOW

    def __post_init__(self) -> None:
        if not self.server.startswith(("https://", "http://")):
            raise ConfigError(
                f"the server's address must start with https:// or http://, not {self.server!r}"
            )
        if not self.key.startswith("pk_"):
            raise ConfigError("the key must be a publishable one (pk_…); secret keys never go into an app")


_EXAMPLES = """examples:
  python -m mobile_demo --server http://127.0.0.1:8080 --key pk_demo --lat 37.5665 --lon 126.9780
  python -m mobile_demo --server http://127.0.0.1:8080 --key pk_demo --language en --tuio 127.0.0.1:3333
"""


def config_from_arguments(arguments: Sequence[str]) -> AppConfig:
    """Read the command line of a desk; ends the program with a message where that cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m mobile_demo",
        description="The stamp app on a desk: a stamp screen and a wallet.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--server", required=True, metavar="URL", help="the server's address")
    parser.add_argument("--key", required=True, metavar="pk_…", help="the partner's publishable key")
    parser.add_argument("--store", type=Path, metavar="FILE", help="where this device's key is kept")
    parser.add_argument("--language", choices=("ko", "en"), help="follows the system when not given")
    parser.add_argument("--lat", type=float, help="latitude to report, degrees")
    parser.add_argument("--lon", type=float, help="longitude to report, degrees")
    parser.add_argument("--accuracy", type=float, default=12.0, metavar="M", help="its accuracy (12 m)")
    parser.add_argument("--tuio", metavar="HOST:PORT", help="take touches from a TUIO source (needs oscpy)")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="a certificate to trust, for a desk server")
    size = "x".join(map(str, DESK_WINDOW))
    parser.add_argument("--window", default=size, metavar="WxH", help=f"size of the window ({size})")
    given = parser.parse_args(arguments)
    window = _read_size(given.window)
    if window is None:
        parser.error("--window wants WIDTHxHEIGHT in px from 200 to 4000, such as 420x900")
    if (given.lat is None) != (given.lon is None):
        parser.error("--lat and --lon go together")
    if given.tuio is not None and not _is_address(given.tuio):
        parser.error("--tuio wants HOST:PORT, such as 127.0.0.1:3333")
    location = None if given.lat is None else Location(given.lat, given.lon, given.accuracy, mock=False)
    try:
        return AppConfig(
            given.server,
            given.key,
            store=given.store,
            language=given.language,
            location=location,
            tuio=given.tuio,
            ca_file=given.ca,
            window=window,
        )
    except ConfigError as error:
        parser.error(str(error))


def config_from_file(path: Path) -> AppConfig:
    """Read the file that an app was built with: ``{"server": "https://…", "key": "pk_…"}``.

    Raises
    ------
    ConfigError
        When it is absent, unreadable, or lacks one of the two.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigError(
            f"this app was built without {path.name}: build it with --server and --key"
        ) from None
    values = body if isinstance(body, Mapping) else {}
    server, key, language = (values.get(name) for name in ("server", "key", "language"))
    if not isinstance(server, str) or not isinstance(key, str):
        raise ConfigError(f'{path.name} must have the texts "server" and "key"')
    return AppConfig(server, key, language=language if language in {"ko", "en"} else None)


def _read_size(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"([0-9]{3,4})x([0-9]{3,4})", text)
    sides = tuple(int(side) for side in found.groups()) if found else ()
    return (sides[0], sides[1]) if sides and all(200 <= side <= 4000 for side in sides) else None  # noqa: PLR2004 - a sane window


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port) < 65536  # noqa: PLR2004 - ports have 16 bits
