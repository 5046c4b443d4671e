"""Files of keys: made once, whole, and for their owner only."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

_OWNER_ONLY: Final = 0o600


def make_once(path: Path, content: bytes) -> None:
    """Make a file with mode 0600, unless there is one: of several processes that start at once one wins.

    Nobody ever reads half of it, and one that is there is never replaced.

    Raises
    ------
    OSError
        It cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole and never replaces.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
