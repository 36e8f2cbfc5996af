"""The world a kernel runs in: what it finds at `/kaggle`, and its environment.

Where the system allows it, a kernel gets a mount namespace with a `/kaggle` like Kaggle's own.
Elsewhere the same folders lie somewhere else, and `KAGGLE_CACHE_MOUNT_FOLDER`, the variable that
kagglehub itself uses for the input folder, says where. It is set in both cases.
"""

import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaggle_local.environment import client_environment
from kaggle_local.runner.isolation import Isolation, separation
from kaggle_local.state.files import files_below
from kaggle_local.state.kernel_version import KernelVersion

LAYOUTS = ("2026", "legacy")
_NOTEBOOK_RUNNER = Path(__file__).with_name("notebook.py")
# What a kernel sees of the server's environment: where programs are and how to compute, no more.
_KEPT = {"PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"} | {
    "KERAS_BACKEND",
    "JAX_PLATFORMS",
}
# Not all of TF_: Terraform keeps tokens there.
_KEPT_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "XLA_", "OMP_", "TF_CPP_", "TF_XLA_", "TF_GPU_")
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Input:
    """A source that is mounted.

    Attributes:
        kind: `datasets` or `notebooks`.
        owner: The owner of the source.
        slug: The name of the source.
        folder: Its files.
    """

    kind: str
    owner: str
    slug: str
    folder: Path

    def place(self, layout: str) -> str:
        """Say where below the input folder it is mounted: see `LAYOUTS`."""
        return self.slug if layout == "legacy" else f"{self.kind}/{self.owner}/{self.slug}"


@dataclass(frozen=True)
class Server:
    """What a kernel with internet must know to reach the stand-in.

    Attributes:
        url: The server's address.
        token: The server's token.
    """

    url: str
    token: str


def job_for(
    version: KernelVersion,
    inputs: list[Input],
    layout: str,
    isolation: Isolation,
    scratch: Path,
    server: Server,
) -> dict[str, Any]:
    """Describe the run of a kernel for the supervisor.

    Args:
        version: What to run.
        inputs: What it may read.
        layout: Where inputs are mounted.
        isolation: What the system lets us separate.
        scratch: An empty folder of this run, removed after it.
        server: The stand-in itself.

    Returns:
        The job.
    """
    for name in ("root", "home", "tmp", "client", "input"):
        (scratch / name).mkdir()
    push = version.push
    folders = (
        _mounted(version, inputs, layout)
        if isolation.mount
        else _linked(version, inputs, layout, scratch / "input")
    )
    source = f"{folders['source']}/{version.source.name}"
    runner = [str(_NOTEBOOK_RUNNER)] if push.kernel_type == "notebook" else []
    return {
        **separation(isolation, push.internet),
        "argv": [sys.executable, *runner, source],
        "env": _environment(push.internet, isolation, scratch, server, folders["input"]),
        "cwd": folders["working"],
        "root": str(scratch / "root"),
        "hidden": _real_credentials() if isolation.mount else [],
        "binds": folders["binds"],
    }


def _mounted(version: KernelVersion, inputs: list[Input], layout: str) -> dict[str, Any]:
    binds = [
        (version.source.parent, "/kaggle/src", True),
        (version.output, "/kaggle/working", False),
    ]
    binds += [(item.folder, f"/kaggle/input/{item.place(layout)}", True) for item in inputs]
    keys = ("source", "target", "read_only")
    return {
        "source": "/kaggle/src",
        "input": "/kaggle/input",
        "working": "/kaggle/working",
        "binds": [dict(zip(keys, (str(s), t, r), strict=True)) for s, t, r in binds],
    }


def _linked(
    version: KernelVersion, inputs: list[Input], layout: str, folder: Path
) -> dict[str, Any]:
    for item in inputs:
        _link_tree(item.folder, folder / item.place(layout))
    return {
        "source": str(version.source.parent),
        "input": str(folder),
        "working": str(version.output),
        "binds": [],
    }


def _link_tree(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for name, _ in files_below(source):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(source / name, target / name)
    for folder, _, _ in os.walk(target):
        os.chmod(folder, 0o555)


def _environment(
    internet: bool, isolation: Isolation, scratch: Path, server: Server, inputs: str
) -> dict[str, str]:
    base = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    if internet:
        base = client_environment(server.url, server.token, scratch / "client", base)
    elif not isolation.net:
        base |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE)
    return base | {
        "KAGGLE_KERNEL_RUN_TYPE": "Batch",
        "KAGGLE_CACHE_MOUNT_FOLDER": inputs,
        "PYTHONUNBUFFERED": "1",
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "tmp"),
    }


def _real_credentials() -> list[str]:
    homes = {Path.home(), Path(pwd.getpwuid(os.getuid()).pw_dir)}
    places = [home / name for home in sorted(homes) for name in (".kaggle", ".config/kaggle")]
    # What this user may not even look at needs no hiding; Path.is_dir would raise there.
    return [str(place.resolve()) for place in places if os.path.isdir(place)]
