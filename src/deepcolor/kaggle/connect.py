"""Connecting to a service: Kaggle, or the stand-in on this machine."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import kaggle_local
from deepcolor.errors import DeepColorError
from deepcolor.kaggle import Service
from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.request_errors import LOGIN, KaggleError, Retry


def connect(service: Service, root: Path, port: int = 0) -> KaggleClient:
    """Connect to a service; the stand-in is started on a port (0: any) if it does not run yet.

    Raises:
        DeepColorError: If the stand-in cannot be started, or nobody is authenticated with Kaggle.
    """
    if service is Service.KAGGLE:
        return open_client(os.environ, poll=15)
    return open_client(local_environment(start_stand_in(root, port)), poll=1)


def open_client(environment: Mapping[str, str], poll: float) -> KaggleClient:
    """Authenticate with the service and the credentials that environment variables name.

    Raises:
        KaggleError: If nobody is authenticated, or the service cannot be reached.
    """
    retry = Retry(poll / 10)
    # The package prints advice about its own commands.
    with _process_environment(environment), redirect_stdout(StringIO()):
        from deepcolor.kaggle.official_api import OfficialApi

        api = OfficialApi(environment, retry)
        try:
            retry("authenticating with Kaggle", api.authenticate)
        except SystemExit:  # its way to say that it found no credentials
            raise KaggleError(f"nobody is authenticated with Kaggle.\n{LOGIN}", 401) from None
    return KaggleClient(api, poll)


@contextmanager
def _process_environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    after = dict(variables)  # `variables` may be `os.environ` itself
    try:
        os.environ.clear()
        os.environ.update(after)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def start_stand_in(root: Path, port: int = 0) -> kaggle_local.Endpoint:
    """Return the stand-in of the project in `root`, started if it does not run yet.

    Raises:
        DeepColorError: If it cannot be started.
    """
    try:
        return kaggle_local.connect(root / "build" / "kaggle_local", port=port)
    except kaggle_local.LocalKaggleError as error:
        raise DeepColorError(f"cannot use the stand-in for Kaggle: {error}") from error


def local_environment(endpoint: kaggle_local.Endpoint) -> dict[str, str]:
    """Return environment variables with which any command, `kaggle` first, uses the stand-in."""
    environment = endpoint.environment()
    commands = str(Path(sys.executable).parent)
    return environment | {"PATH": os.pathsep.join([commands, environment.get("PATH", "")])}
