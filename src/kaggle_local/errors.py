"""The errors that `kaggle_local` raises on purpose."""


class LocalKaggleError(Exception):
    """Base class of the errors of this package.

    Attributes:
        exit_status: Exit status of a server that fails to start for this reason.
    """

    exit_status = 1


class PortInUse(LocalKaggleError):
    """Another program uses the requested port."""

    exit_status = 2


class FolderInUse(LocalKaggleError):
    """Another server uses this state folder."""

    exit_status = 3


class BadState(LocalKaggleError):
    """The state folder is damaged, unreadable or holds other files."""

    exit_status = 4


class NoServer(LocalKaggleError):
    """The server did not start."""


class ApiError(LocalKaggleError):
    """A refused request.

    Args:
        code: HTTP status. Use 400 for a plain refusal: the client blames Kaggle for every 5xx.
        message: Text that the `kaggle` client prints unchanged.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
