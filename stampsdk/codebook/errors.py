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
    """A codebook file that is no codebook, is damaged, or belongs to another family; or see `SerialError`.

    Attributes
    ----------
    code : str
        Stable: "codebook_invalid" (none, or damaged), "codebook_foreign" (of another family, or of this one
        as it was).
    """

    def __init__(self, message: str, code: str = "codebook_invalid") -> None:
        super().__init__(message)
        self.code = code


class SerialError(CodebookError):
    """A text that is no serial of a codebook.

    Attributes
    ----------
    code : str
        Stable, the first of these that holds: "serial_length" (not so many symbols), "serial_symbol" (one
        that cannot stand there), "serial_check" (the check symbol does not fit), "serial_range" (more bits
        than an address has), "serial_unknown" (of no pattern of the codebook).
    """


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
