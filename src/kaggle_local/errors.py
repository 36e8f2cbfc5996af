"""The errors that `kaggle_local` raises on purpose."""


class LocalKaggleError(Exception):
    """Base class of the errors of this package."""

    exit_status = 1  # of a server that fails to start for this reason


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
    """A refused request: an HTTP status, and a text that the `kaggle` client prints unchanged.

    Use 400 where no other status fits: the client blames Kaggle for every 5xx.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
