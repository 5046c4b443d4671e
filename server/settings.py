"""Every knob of the server, in one place.

Each setting is an environment variable with the prefix ``STAMP_``, as in
``STAMP_DATABASE_URL=postgresql+psycopg://user:password@host/stamps``.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Metres = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Millimetres = Annotated[float, Field(gt=0, allow_inf_nan=False)]

# One host, and no sign that would end a source of a Content-Security-Policy.
_TILES = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9._~/{}?=&%@+-]*")


class Settings(BaseSettings):
    """The server's configuration, read from the environment.

    Unknown ``STAMP_`` variables are ignored; a known one with a wrong value
    stops the start-up with a message that names it.
    """

    model_config = SettingsConfigDict(env_prefix="STAMP_", frozen=True)

    # Database
    database_url: str = "sqlite:///var/stamp.db"
    database_connections: int = Field(
        default=10, ge=1, le=200, description="PostgreSQL: writing requests at once"
    )
    sqlite_synchronous: Literal["NORMAL", "FULL"] = Field(
        default="FULL", description="FULL keeps the last commits through a power failure; NORMAL is faster"
    )
    lock_timeout_s: Seconds = Field(default=5.0, description="how long a statement waits for another's lock")
    statement_timeout_s: Seconds = Field(
        default=15.0, description="PostgreSQL: the longest a statement may run"
    )

    # The service
    public_origin: str | None = Field(
        default=None, description="https://stamps.example.com when behind a proxy"
    )
    max_body_bytes: int = Field(default=64 * 1024, ge=1024)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    house_name: str = Field(
        default="Stamp house", min_length=1, max_length=100, description="owner of the page /s"
    )
    idempotency_days: int = Field(
        default=7, ge=1, description="how long a repeated POST gets its stored answer"
    )

    # Recognition
    tolerance_mm: Millimetres = Field(default=0.9, description="the largest residual that counts as a hit")
    least_tip_spacing_mm: Millimetres = Field(default=8.0, description="closer tips merge into one touch")
    largest_face_mm: Millimetres = Field(
        default=80.0, description="widest span of a pattern: a phone is not wider"
    )
    confusable_radius_m: Metres = Field(
        default=200.0, description="how far around a stamp look-alikes are sought"
    )

    codebook_folder: Path | None = Field(
        default=None,
        description="folder with families/NAME.toml and codebooks/NAME.npz of the stamps that owners may "
        "name by serial; by default what ships with the library",
    )

    # The owner's pages
    owner_pages: bool = Field(default=True, description="serve /owner; needs a single process")
    map_tiles: str | None = Field(
        default=None,
        description="address of map tiles, as https://tiles.example.com/{z}/{x}/{y}.png; without it fences "
        "are drawn on a plain grid and no other host is asked",
    )
    map_attribution: str = Field(default="", max_length=300, description="whose tiles they are, as text")

    # Place
    accuracy_floor_m: Metres = Field(default=20.0, description="a fix that claims to be finer counts as this")
    refuse_accuracy_m: Metres = Field(default=100.0, description="a worse fix (95 %) is refused")
    max_fix_age_s: Seconds = 30.0
    largest_fence_m: Metres = Field(default=5_000.0, description="widest span of a fence")

    # Presses
    challenge_ttl_s: Seconds = 90.0
    challenges_open: int = Field(default=5, ge=1, le=100, description="open challenges a device may hold")
    visit_s: Seconds = Field(
        default=60.0, description="presses of one customer at one shop within it are one visit"
    )
    receipt_key_path: Path | None = Field(
        default=None,
        description="file of the keys that sign receipts; made on the first start, mode 0600; "
        "by default receipt-keys.json beside the SQLite file, or in var/",
    )
    failures_window_s: Seconds = Field(default=600.0, description="in which failed attempts are counted")
    failures_in_window: int = Field(default=10, ge=1, description="failed attempts of a device in the window")
    failures_in_day: int = Field(default=50, ge=1, description="failed attempts of a device in 24 hours")
    held_open: int = Field(default=5, ge=1, description="held presses of a customer that may wait")
    density_error: float = Field(
        default=0.02, ge=0, lt=0.5, description="relative error of a screen density that can be believed"
    )
    density_error_unsure: float = Field(
        default=0.07, ge=0, lt=0.5, description="the same where a browser or a system guesses"
    )
    density_unsure_sources: tuple[str, ...] = Field(
        default=("touch", "pointer"), description="sources of presses whose density is a guess"
    )
    density_unsure_systems: tuple[str, ...] = Field(
        default=("ios", "ipados"), description="beginnings of names of systems that guess, in small letters"
    )

    # Mistakes put right
    hand_stamps_at_once: int = Field(
        default=3, ge=0, description="stamps given by hand at once; more need a second person"
    )
    hand_stamps_in_day: int = Field(
        default=20, ge=0, description="stamps that a member gives by hand in a day without a second person"
    )
    staff_code_ttl_s: Seconds = Field(default=120.0, description="how long a staff code may be used")
    staff_codes_per_member: int = Field(default=50, ge=0, description="staff codes of a member in a day")
    staff_codes_per_shop: int = Field(default=200, ge=0, description="staff codes of a shop in a day")
    staff_code_guesses_per_device: int = Field(
        default=5, ge=1, description="wrong staff codes of a device in an hour"
    )
    staff_code_guesses_per_shop: int = Field(
        default=30, ge=1, description="wrong staff codes at a shop in an hour, whoever sends them"
    )

    # Customers
    devices_per_customer: int = Field(
        default=5, ge=1, le=100, description="one more, by recovery code, retires the oldest"
    )
    recovery_tries: int = Field(
        default=10, ge=1, description="failed recovery codes of one app at one address in recovery_window_s"
    )
    recovery_window_s: Seconds = 900.0

    # The owner's pages
    session_days: int = Field(default=30, ge=1, le=365, description="how long a sign-in may rest unused")
    pin_session_hours: int = Field(default=12, ge=1, le=24, description="the same for a sign-in by PIN")
    owner_cookie_secure: bool = Field(
        default=True,
        description="cookies of the owner's pages over HTTPS only, but for http://localhost; "
        "false to try the pages over plain http in a network of one's own",
    )
    sign_in_tries: int = Field(
        default=10, ge=1, description="failed sign-ins of one e-mail without a rest of sign_in_rest_s"
    )
    sign_in_tries_address: int = Field(
        default=50, ge=1, description="the same of one address, and resets asked for from it in an hour"
    )
    sign_in_rest_s: Seconds = 900.0
    pin_tries: int = Field(
        default=5, ge=1, description="wrong PINs of one person without a rest of pin_rest_s"
    )
    pin_rest_s: Seconds = 900.0
    pin_tries_day: int = Field(
        default=20, ge=1, description="wrong PINs of one person without a right one or a day's rest"
    )
    reset_mails_hour: int = Field(default=3, ge=1, description="links asked for by one e-mail in an hour")
    sign_ups_hour: int = Field(default=10, ge=1, description="sign-ups from one address in an hour")
    mail_backend: Literal["console"] = Field(
        default="console", description="console writes mail into the log"
    )

    # Numbers for owners
    rollup_every_s: Seconds = Field(
        default=60.0, description="how often the numbers of past days are brought up to date"
    )

    # Secrets at rest
    sealing_key: SecretStr | None = Field(default=None, description="32 random bytes in base64url")
    sealing_key_path: Path | None = Field(
        default=None, description="file of that key; made on the first start, mode 0600"
    )

    index_folder: Path | None = Field(
        default=None,
        description="folder of the pattern indexes that are kept between starts, free to be deleted; "
        "by default NAME.index beside the SQLite file NAME.db, or var/index",
    )

    @property
    def session_idle(self) -> timedelta:
        """How long a sign-in by password may rest unused."""
        return timedelta(days=self.session_days)

    @property
    def pin_session_idle(self) -> timedelta:
        """How long a sign-in by PIN may rest unused."""
        return timedelta(hours=self.pin_session_hours)

    @property
    def data_folder(self) -> Path:
        """Where files lie that go with the database: beside the SQLite file, else ``var/``."""
        url = make_url(self.database_url)
        return (
            Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else Path("var")
        )

    @property
    def kept_indexes(self) -> Path | None:
        """Where indexes are kept between starts: where the settings say, else beside the database."""
        if self.index_folder is not None:
            return self.index_folder
        url = make_url(self.database_url)
        if url.get_backend_name() == "sqlite":
            return (
                Path(url.database).with_suffix(".index")
                if url.database not in {None, "", ":memory:"}
                else None
            )
        return self.data_folder / "index"

    @field_validator("map_tiles")
    @classmethod
    def _tile_address(cls, value: str | None) -> str | None:
        if value is None or value == "":
            return None
        if not _TILES.fullmatch(value) or not all(part in value for part in ("{z}", "{x}", "{y}")):
            raise ValueError("is no address of tiles; write https://host/{z}/{x}/{y}.png")
        return value

    @property
    def map_origin(self) -> str | None:
        """Scheme and host of the map tiles, for the pages' policy."""
        return None if self.map_tiles is None else "/".join(self.map_tiles.split("/")[:3])

    @field_validator("database_url")
    @classmethod
    def _supported_database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError as error:
            raise ValueError(
                "is no database address; write sqlite:///path or postgresql+psycopg://user:password@host/name"
            ) from error
        if url.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ValueError(f"names {url.get_backend_name()}; only sqlite and postgresql are supported")
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)
