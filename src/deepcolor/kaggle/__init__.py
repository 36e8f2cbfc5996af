"""The service that runs the chain: Kaggle, or the stand-in on this machine."""

from enum import StrEnum


class ServiceName(StrEnum):
    """A service; here, where the command line finds it without importing a client."""

    LOCAL = "local"
    KAGGLE = "kaggle"
