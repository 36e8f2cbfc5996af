"""`deepcolor run` on the tiny project, through a proxy: what a trial starts, kills and resumes."""

import signal
import sys
from pathlib import Path

import typer

import kaggle_local
from deepcolor import cli
from deepcolor.chain.lock import locked
from deepcolor.chain.runner import Chain
from deepcolor.chain.staging import stage_chain
from deepcolor.console import open_console
from deepcolor.kaggle.connect import local_environment, open_client


@cli.app.command("trial")
def trial(state: Path, project: Path, proxy: str, poll: float) -> None:
    """Stage and run the chain, then download its last dataset."""
    endpoint = kaggle_local.connect(state, idle_exit=300)
    environment = local_environment(endpoint) | {"http_proxy": proxy, "HTTP_PROXY": proxy}
    client = open_client(environment, poll)
    build = project / "build"
    with locked(build):
        staged = stage_chain(project, build, endpoint.user, [project / "photos"])
        Chain(client, staged, build / "local", open_console()).run()
        client.download_dataset(f"{endpoint.user}/tiny-results", build / "downloaded")
    typer.echo("finished")


if __name__ == "__main__":
    # Tests that run in the background are born deaf to Ctrl-C, and so are their children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv[1:1] = ["trial"]
    cli.main()
