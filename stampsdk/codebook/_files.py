"""Where families and codebooks lie: in a checkout, in an installed package, or in folders of the user."""

import os
from importlib.resources import files
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2] / "patterns" / "families"


def shipped_families() -> Path:
    """Return the folder of the families that ship: the checkout's, or where there is none the package's."""
    return _CHECKOUT if _CHECKOUT.is_dir() else _packed()


def family_file(named: Path) -> Path:
    """Return the file of a family, by its path or its name.

    A name is looked up in ``patterns/families`` of the current folder, then among the families that ship.

    Raises
    ------
    FileNotFoundError
        There is neither; says which families there are.
    """
    if named.exists() or named.suffix or named.name != str(named):
        return named
    for folder in (Path("patterns/families"), shipped_families()):
        path = folder / f"{named}.toml"
        if path.exists():
            return path
    names = ", ".join(path.stem for path in sorted(shipped_families().glob("*.toml")))
    raise FileNotFoundError(f"there is no family or file {named}; families that ship: {names or 'none'}")


def codebook_file(name: str, family: Path) -> Path:
    """Return where the codebook of a family lies by default.

    Of one in a folder ``families``, as in a checkout, in the folder ``codebooks`` next to that; of one that
    came with an installed package, in the user's data folder, since packages are not written to; of any other
    beside its file.
    """
    folder = family.resolve().parent
    if folder == _packed().resolve():
        return _user_data() / "codebooks" / f"{name}.npz"
    if folder.name == "families":
        return folder.parent / "codebooks" / f"{name}.npz"
    return folder / f"{name}.npz"


def _packed() -> Path:
    return Path(str(files("stampsdk.codebook").joinpath("families")))


def _user_data() -> Path:
    """Return the user's folder for data (XDG base directories); the current one where there is no home."""
    try:
        return Path(os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()) / "stampsdk"
    except RuntimeError:
        return Path()
