"""What can be wrong with an index file."""


class IndexFileError(Exception):
    """The file is truncated, corrupt, not an index, or of a version that this library does not read.

    Attributes
    ----------
    code : str
        Stable: "index_file_invalid".
    """

    code = "index_file_invalid"
