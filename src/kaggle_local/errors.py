"""What can go wrong: refusals that travel to the client, and failures to start that do not."""


class LocalKaggleError(Exception):
    """Base of everything `kaggle_local` raises on purpose.

    Attributes:
        exit_status: How a server ends that cannot start for this reason.
    """

    exit_status = 1


class PortInUse(LocalKaggleError):
    """Another program listens on the port that was asked for."""

    exit_status = 2


class FolderInUse(LocalKaggleError):
    """Another server already serves this state folder."""

    exit_status = 3


class BadState(LocalKaggleError):
    """The state folder cannot be used: not ours, unreadable, or damaged."""

    exit_status = 4


class NoServer(LocalKaggleError):
    """The server of a state folder did not come up."""


class ApiError(LocalKaggleError):
    """A request is refused.

    Args:
        code: The HTTP status. 400 is the plain refusal: to 5xx the client adds that Kaggle is at
            fault.
        message: What the `kaggle` client prints, word for word.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
