"""Lay out the folder that buildozer builds from: the app, and only the phone's part of the SDK.

buildozer wants ``main.py`` at the top of one folder, while this repository keeps the SDK, the server and the
app side by side. This copies what a phone needs and writes the app's configuration; it is no part of the app.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from mobile_demo.core.config import AppConfig, ConfigError

__all__ = ["lay_out", "main", "phone_files"]

_ROOT = Path(__file__).parents[1]
_ROOMS = ("capture", "protocol", "factors", "client")
_SUFFIXES = {".py", ".kv", ".png", ".typed"}
_NOT_THE_APP = {"packaging.py", "__main__.py"}
_MAIN = '''"""Start of the app on a phone."""

from mobile_demo.main import main

main([])
'''


def phone_files() -> Iterator[Path]:
    """Give every file that goes onto a phone, relative to the repository, in order."""
    sdk = [_ROOT / "stampsdk" / "__init__.py", _ROOT / "stampsdk" / "py.typed"]
    rooms = [file for room in _ROOMS for file in (_ROOT / "stampsdk" / room).rglob("*")]
    app = [file for file in (_ROOT / "mobile_demo").rglob("*") if file.name not in _NOT_THE_APP]
    for file in sorted([*sdk, *rooms, *app]):
        if file.is_file() and file.suffix in _SUFFIXES and "__pycache__" not in file.parts:
            yield file.relative_to(_ROOT)


def lay_out(target: Path, config: AppConfig) -> None:
    """Make the folder anew.

    Raises
    ------
    ConfigError
        When the folder holds something that was not laid out by this.
    """
    if target.exists() and any(target.iterdir()) and not (target / "buildozer.spec").is_file():
        raise ConfigError(f"{target} holds other files; give a new folder")
    for name in ("main.py", "mobile_demo", "stampsdk"):
        old = target / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    for file in phone_files():
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_ROOT / file, target / file)
    (target / "main.py").write_text(_MAIN, encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("buildozer.spec"), target / "buildozer.spec")
    settings = {"server": config.server, "key": config.key, "language": config.language}
    (target / "mobile_demo" / "app.json").write_text(json.dumps(settings), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; give the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m mobile_demo.packaging",
        description="Lay out the folder that the phone app is built from.",
        epilog="then: cd build/phone && buildozer android debug",
    )
    parser.add_argument("--out", type=Path, default=Path("build/phone"), help="the folder (build/phone)")
    parser.add_argument("--server", required=True, metavar="URL", help="the server's address, https://…")
    parser.add_argument("--key", required=True, metavar="pk_…", help="the partner's publishable key")
    parser.add_argument("--language", choices=("ko", "en"), help="follows the phone when not given")
    given = parser.parse_args(arguments)
    try:
        lay_out(given.out, AppConfig(given.server, given.key, language=given.language))
    except ConfigError as error:
        parser.error(str(error))
    sys.stdout.write(f"{given.out} is ready: cd {given.out} && buildozer android debug\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
