"""Which Kaggle to talk to: the real one, or the stand-in on this machine."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import kaggle_local
from deepcolor.errors import DeepColorError
from deepcolor.kaggle import ServiceName
from deepcolor.kaggle.client import KaggleClient


@dataclass(frozen=True)
class Service:
    """A service that is ready to be used.

    Attributes:
        kaggle: The client, set up for it.
        owner: Name of the authenticated user.
        build: Folder for what belongs to this service alone.
    """

    kaggle: KaggleClient
    owner: str
    build: Path


def open_service(on: ServiceName, root: Path, port: int = 0) -> Service:
    """Connect to a service; the stand-in is started if it does not run yet.

    Args:
        on: Which.
        root: Folder of the project.
        port: Port of the stand-in; 0 for any free one.

    Raises:
        DeepColorError: If the stand-in cannot be started, or nobody is authenticated with Kaggle.
    """
    build = root / "build" / on.value
    if on is ServiceName.KAGGLE:
        kaggle = KaggleClient(os.environ, poll=15)
        return Service(kaggle, kaggle.username(), build)
    endpoint = start_stand_in(root, port)
    return Service(KaggleClient(local_environment(endpoint), poll=5), endpoint.user, build)


def start_stand_in(root: Path, port: int = 0) -> kaggle_local.Endpoint:
    """Return the project's stand-in, started if need be.

    Args:
        root: Folder of the project; the stand-in keeps its state in `build/kaggle_local`.
        port: Port to serve on; 0 for any free one.

    Raises:
        DeepColorError: If it cannot be started.
    """
    try:
        return kaggle_local.connect(root / "build" / "kaggle_local", port=port)
    except kaggle_local.LocalKaggleError as error:
        raise DeepColorError(f"the stand-in for Kaggle cannot be used: {error}") from error


def local_environment(endpoint: kaggle_local.Endpoint) -> dict[str, str]:
    """Return the environment in which any command talks to the stand-in.

    The `kaggle` command of this Python comes first on the path.
    """
    environment = endpoint.environment()
    commands = str(Path(sys.executable).parent)
    return environment | {"PATH": os.pathsep.join([commands, environment.get("PATH", "")])}
