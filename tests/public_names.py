"""What every room's ``__all__`` has to be."""

from types import ModuleType


def assert_public_names(room: ModuleType) -> None:
    """Hold that the public names exist, stand once, and are in the linter's order (constants first)."""
    names = room.__all__
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), name[0].islower(), name))
    missing = [name for name in names if not hasattr(room, name)]
    assert not missing
