"""A local stand-in for Kaggle that the unmodified `kaggle` client and `kagglehub` talk to."""

from kaggle_local.client import Endpoint, connect, stop
from kaggle_local.errors import BadState, FolderInUse, LocalKaggleError, NoServer, PortInUse
from kaggle_local.settings import Limits

__all__ = [
    "BadState",
    "Endpoint",
    "FolderInUse",
    "Limits",
    "LocalKaggleError",
    "NoServer",
    "PortInUse",
    "connect",
    "stop",
]
