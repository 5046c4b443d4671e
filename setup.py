"""Puts the families' files into the wheel; all else stands in pyproject.toml.

They lie in ``patterns/families``, outside of the packages, and nowhere else. In an editable install they are
found there.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FAMILIES = sorted(Path("patterns/families").glob("*.toml"))


class BuildWithFamilies(build_py):
    """Copies the families into ``stampsdk/codebook/families``."""

    def run(self) -> None:
        """Build the packages, then copy."""
        super().run()
        if not self.editable_mode:
            for source, target in zip(FAMILIES, self._targets(), strict=True):
                self.mkpath(str(Path(target).parent))
                self.copy_file(str(source), target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return all files that are written."""
        copied = [] if self.editable_mode else self._targets()
        return [*super().get_outputs(include_bytecode), *copied]

    def _targets(self) -> list[str]:
        folder = Path(self.build_lib, "stampsdk", "codebook", "families")
        return [str(folder / path.name) for path in FAMILIES]


setup(cmdclass={"build_py": BuildWithFamilies})
