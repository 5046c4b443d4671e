"""Stamp families: which patterns there are, how many there can be, and how they are made.

Public names are resolved on first use, so that the command line can name its commands without numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stampsdk.codebook._random import random_patterns
    from stampsdk.codebook.assignment.assigning import Assignment, assign
    from stampsdk.codebook.assignment.checking import Conflict, check_assignment
    from stampsdk.codebook.codebook import Codebook
    from stampsdk.codebook.errors import AssignmentError, CodebookError, FamilyError, SerialError
    from stampsdk.codebook.face import Face
    from stampsdk.codebook.family import Generated, StampFamily, load_family, parse_family
    from stampsdk.codebook.generation import generate
    from stampsdk.codebook.planning import Plan, plan
    from stampsdk.codebook.throwing import throw
    from stampsdk.codebook.verification import Findings, verify

__all__ = [
    "Assignment",
    "AssignmentError",
    "Codebook",
    "CodebookError",
    "Conflict",
    "Face",
    "FamilyError",
    "Findings",
    "Generated",
    "Plan",
    "SerialError",
    "StampFamily",
    "assign",
    "check_assignment",
    "generate",
    "load_family",
    "parse_family",
    "plan",
    "random_patterns",
    "throw",
    "verify",
]

_HOMES = {
    "Assignment": "assignment.assigning",
    "AssignmentError": "errors",
    "Conflict": "assignment.checking",
    "Plan": "planning",
    "assign": "assignment.assigning",
    "check_assignment": "assignment.checking",
    "plan": "planning",
    "Codebook": "codebook",
    "CodebookError": "errors",
    "Face": "face",
    "FamilyError": "errors",
    "Findings": "verification",
    "Generated": "family",
    "SerialError": "errors",
    "StampFamily": "family",
    "generate": "generation",
    "load_family": "family",
    "parse_family": "family",
    "random_patterns": "_random",
    "throw": "throwing",
    "verify": "verification",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
