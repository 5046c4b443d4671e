"""What can be wrong with a stamp family, its codebook, or handing out its patterns."""


class FamilyError(ValueError):
    """A family that cannot be: unknown or missing keys, wrong types, tips that cannot fit, too many patterns.

    Attributes
    ----------
    code : str
        Stable: "family_invalid", "family_impossible".
    """

    def __init__(self, message: str, code: str = "family_invalid") -> None:
        super().__init__(message)
        self.code = code


class CodebookError(Exception):
    """A codebook file that is no codebook, is damaged, or belongs to another family.

    Attributes
    ----------
    code : str
        Stable: "codebook_invalid".
    """

    code = "codebook_invalid"


class AssignmentError(Exception):
    """Patterns cannot be handed out as asked.

    Attributes
    ----------
    code : str
        Stable: "assignment_impossible" (the patterns do not suffice), "assignment_conflict" (what is kept can
        be confused already), "assignment_invalid" (a file that is none of shops or assignments).
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code
