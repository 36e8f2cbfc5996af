"""Serve a stand-in for Kaggle on loopback: `python -m kaggle_local --root DIR`."""

import argparse
import logging
import shlex
import sys
from dataclasses import fields
from pathlib import Path

from kaggle_local.api.registry import Service
from kaggle_local.client import Endpoint
from kaggle_local.errors import LocalKaggleError
from kaggle_local.handles import is_name
from kaggle_local.http.server import Options, serve
from kaggle_local.limits import Limits
from kaggle_local.runner.sandbox import LAYOUTS


def main(arguments: list[str] | None = None) -> int:
    """Serve in the foreground and print what to export.

    Args:
        arguments: The command line, by default that of the process.

    Returns:
        0 after an orderly end, else the `exit_status` of what kept the server from starting.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        serve(_options(arguments), _announce)
    except LocalKaggleError as error:
        print(f"kaggle_local: {error}", file=sys.stderr)
        return error.exit_status
    return 0


def _options(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m kaggle_local", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the folder that holds all state")
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0: any free port")
    parser.add_argument("--user", type=_user, default="local-kaggler", help="who you are here")
    parser.add_argument(
        "--layout", choices=LAYOUTS, default="2026", help="where inputs are mounted"
    )
    parser.add_argument(
        "--idle-exit", type=float, default=0.0, metavar="SECONDS", help="end after so long unused"
    )
    for limit in fields(Limits):
        parser.add_argument(
            f"--{limit.name.replace('_', '-')}",
            type=type(limit.default),
            default=limit.default,
            help=f"{limit.metadata['help']} (%(default)s)",
        )
    given = vars(parser.parse_args(arguments))
    limits = Limits(**{limit.name: given.pop(limit.name) for limit in fields(Limits)})
    return Options(**given, limits=limits)


def _user(text: str) -> str:
    if not is_name(text):
        raise argparse.ArgumentTypeError(
            f"a user name has lower-case letters, digits, '-' and '_', received '{text}'"
        )
    return text


def _announce(service: Service) -> None:
    endpoint = Endpoint(service.url, service.user, service.store.root)
    for name, value in sorted(endpoint.environment({}).items()):
        print(f"export {name}={shlex.quote(value)}")
    print(f"# {service.url} stands in for Kaggle; state in {service.store.root}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
