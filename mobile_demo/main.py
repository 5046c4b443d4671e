"""Start of the app, on a phone and on a desk."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import requests

from mobile_demo.core.config import AppConfig, ConfigError, config_from_arguments, config_from_file
from mobile_demo.core.fonts import HINT, find_korean_font
from mobile_demo.core.texts import choose_language
from mobile_demo.platforms import data_folder, describe_device, location_source, system_language
from stampsdk.client import PhoneClient
from stampsdk.protocol import DeviceInfo

__all__ = ["main"]

_APP_FILE = "app.json"
_STORE_FILE = "stamp-device.json"
_PHONES = ("android", "ios")
_MM_PER_INCH = 25.4
_PHONE_WIDTH_MM = 68.0
_logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app until it is closed; give the exit status."""
    os.environ.setdefault("KIVY_NO_ARGS", "1")
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if given or not _on_phone():
            config = config_from_arguments(given)
        else:
            config = config_from_file(Path(__file__).with_name(_APP_FILE))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    run(config)
    return 0


def run(config: AppConfig) -> None:
    """Configure Kivy, which must happen before its window opens, and run the app."""
    _configure_kivy(config)
    from kivy.metrics import Metrics  # noqa: PLC0415 - after the configuration
    from kivy.utils import platform  # noqa: PLC0415 - after the configuration

    from mobile_demo.app import StampApp  # noqa: PLC0415 - opens the window
    from mobile_demo.screens.theme import register_font  # noqa: PLC0415 - after the configuration

    fonts = find_korean_font(platform)
    register_font(fonts)
    if fonts is None:
        _logger.warning(HINT["en"])
    language = choose_language(config.language, os.environ, system_language(platform))
    device, claimed = describe_device(platform)
    guess = Metrics.dpi / _MM_PER_INCH if platform in _PHONES else config.window[0] / _PHONE_WIDTH_MM
    with _client(config, platform, device) as phone:
        StampApp(
            phone=phone,
            locations=location_source(platform, config.location),
            language="en" if fonts is None else language,
            device=device,
            px_per_mm=claimed or guess,
            claimed_px_per_mm=claimed,
            source="kivy-sdl" if config.tuio is None else "script",
            languages=1 if fonts is None else 2,
            notice=HINT["en"] if fonts is None else "",
        ).run()


def _client(config: AppConfig, platform: str, device: DeviceInfo) -> PhoneClient:
    store = config.store or data_folder(platform) / _STORE_FILE
    session = requests.Session()
    if config.ca_file is not None:
        session.verify = str(config.ca_file)
    return PhoneClient(
        config.server, config.key, store=store, model=device.model, app=str(device.app), session=session
    )


def _configure_kivy(config: AppConfig) -> None:
    from kivy.config import Config  # noqa: PLC0415 - reads the environment set above
    from kivy.utils import platform  # noqa: PLC0415 - with it

    # One sample a touch and frame: the more frames, the more samples to average.
    Config.set("graphics", "maxfps", "120")
    # Android and iOS deliver touches by themselves; a mouse there would be a second contact.
    if platform not in _PHONES:
        Config.set("graphics", "width", str(config.window[0]))
        Config.set("graphics", "height", str(config.window[1]))
        Config.set("input", "mouse", "mouse,disable_multitouch")
    if config.tuio is not None:
        Config.set("input", "stamp", f"tuio,{config.tuio}")


def _on_phone() -> bool:
    return "ANDROID_ARGUMENT" in os.environ or os.environ.get("KIVY_BUILD") in _PHONES
