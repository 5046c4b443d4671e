"""What can be wrong with a drawing that was asked for."""


class DrawingError(ValueError):
    """A drawing that cannot be made: no room for holes or letters, or a number that no stamp has.

    Attributes
    ----------
    code : str
        Stable: "drawing_impossible", "number_unknown".
    """

    def __init__(self, message: str, code: str = "drawing_impossible") -> None:
        super().__init__(message)
        self.code = code
