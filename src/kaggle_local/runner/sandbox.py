"""The folders and the environment variables that a kernel finds.

Without mount namespaces `/kaggle` is elsewhere: `KAGGLE_CACHE_MOUNT_FOLDER` names the input folder.
"""

import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from kaggle_local.environment import LOOPBACK, client_environment
from kaggle_local.handles import Handle
from kaggle_local.runner.isolation import Isolation, namespaces_for
from kaggle_local.settings import Layout
from kaggle_local.state.files import write_json
from kaggle_local.state.kernels import KernelVersion
from kaggle_local.state.trees import walk_files

_NOTEBOOK_RUNNER = Path(__file__).with_name("notebook.py")
_HIDE_PACKAGES = Path(__file__).with_name("hide_packages.py")
_INSTALLED_IN = Path(__file__).resolve().parents[2]
# Variables of the server that a kernel gets: paths of programs and settings of computations.
_KEPT = {"PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}
_KEPT |= {"KERAS_BACKEND", "JAX_PLATFORMS"}
# Not every TF_ variable: Terraform keeps tokens in some.
_KEPT_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "XLA_", "OMP_", "TF_CPP_", "TF_XLA_", "TF_GPU_")
_NO_DATA_PROXY = "http://localhost/data-proxy"
_CLOSED_PORT = "http://127.0.0.1:9"
_PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
_NO_PROXIES = ("no_proxy", "NO_PROXY")


@dataclass(frozen=True)
class Input:
    """A mounted version of a dataset or kernel."""

    kind: str  # datasets or notebooks
    handle: Handle
    number: int
    folder: Path

    def mount_path(self, layout: Layout) -> str:
        """Return its mount point, relative to the input folder."""
        return self.handle.slug if layout is Layout.LEGACY else f"{self.kind}/{self.handle}"


@dataclass(frozen=True)
class ServerAccess:
    """The address and the token with which a kernel reaches the server."""

    url: str
    token: str
    as_reported: bool = False


def make_job(
    version: KernelVersion,
    inputs: list[Input],
    layout: Layout,
    isolation: Isolation,
    scratch: Path,
    server: ServerAccess,
) -> dict[str, Any]:
    """Describe the run of a kernel for the supervisor; `scratch` is an empty folder of this run."""
    for name in ("root", "home", "tmp", "client", "input", "startup"):
        (scratch / name).mkdir()
    shutil.copy(_HIDE_PACKAGES, scratch / "startup" / "sitecustomize.py")
    hidden = {"folder": str(_INSTALLED_IN), "packages": _own_packages()}
    write_json(scratch / "startup" / "hidden.json", hidden)
    push = version.push
    folders = (
        _mounted_folders(version, inputs, layout)
        if isolation.mount
        else _linked_folders(version, inputs, layout, scratch / "input")
    )
    source = f"{folders['source']}/{version.source.name}"
    runner = [str(_NOTEBOOK_RUNNER)] if push.kernel_type == "notebook" else []
    return {
        **namespaces_for(isolation, push.internet),
        "argv": [sys.executable, *runner, source],
        "env": _environment(push.internet, isolation, scratch, server, folders["input"]),
        "cwd": folders["working"],
        "root": str(scratch / "root"),
        "hidden": _credentials() if isolation.mount else [],
        "binds": folders["binds"],
    }


def _mounted_folders(version: KernelVersion, inputs: list[Input], layout: Layout) -> dict[str, Any]:
    binds = [
        _bind(version.source.parent, "/kaggle/src"),
        _bind(version.output, "/kaggle/working", read_only=False),
    ]
    binds += [_bind(item.folder, f"/kaggle/input/{item.mount_path(layout)}") for item in inputs]
    return {
        "source": "/kaggle/src",
        "input": "/kaggle/input",
        "working": "/kaggle/working",
        "binds": binds,
    }


def _bind(folder: Path, target: str, read_only: bool = True) -> dict[str, Any]:
    return {"source": str(folder), "target": target, "read_only": read_only}


def _linked_folders(
    version: KernelVersion, inputs: list[Input], layout: Layout, folder: Path
) -> dict[str, Any]:
    for item in inputs:
        _link_tree(item.folder, folder / item.mount_path(layout))
    return {
        "source": str(version.source.parent),
        "input": str(folder),
        "working": str(version.output),
        "binds": [],
    }


def _link_tree(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for name, _ in walk_files(source):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(source / name, target / name)
    for folder, _, _ in os.walk(target):
        os.chmod(folder, 0o555)


def _environment(
    internet: bool, isolation: Isolation, scratch: Path, server: ServerAccess, inputs: str
) -> dict[str, str]:
    base = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    if internet:
        base = client_environment(server.url, server.token, scratch / "client", base)
        base["KAGGLE_DATA_PROXY_URL"] = _NO_DATA_PROXY  # else kagglehub warns at each request
        if server.as_reported:
            token = scratch / "client" / "api-v1-token"
            token.touch(mode=0o600)
            token.write_text(base.pop("KAGGLE_API_TOKEN"))
            base["KAGGLE_API_V1_TOKEN"] = str(token)
        else:
            base["DISABLE_KAGGLE_CACHE"] = "1"  # kagglehub downloads, as there is no such proxy
    elif not isolation.net:
        base |= dict.fromkeys(_PROXIES, _CLOSED_PORT) | dict.fromkeys(_NO_PROXIES, LOOPBACK)
    return base | {
        "KAGGLE_KERNEL_RUN_TYPE": "Batch",
        "KAGGLE_CACHE_MOUNT_FOLDER": inputs,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(scratch / "startup"),
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "tmp"),
    }


@cache
def _own_packages() -> list[str]:
    """List the packages that are installed together with this one."""
    name = __name__.partition(".")[0]
    for distribution in distributions(path=[str(_INSTALLED_IN)]):
        packages = {file.parts[0] for file in distribution.files or [] if len(file.parts) > 1}
        if name in packages:
            return sorted(package for package in packages if package.isidentifier())
    return sorted(file.parent.name for file in _INSTALLED_IN.glob("*/__init__.py"))


def _credentials() -> list[str]:
    """List the folders and files in which the real client keeps or finds credentials."""
    homes = {Path.home(), Path(pwd.getpwuid(os.getuid()).pw_dir)}
    places = [home / name for home in sorted(homes) for name in (".kaggle", ".config/kaggle")]
    places.append(Path(os.environ.get("KAGGLE_CONFIG_DIR", "/nowhere"), "kaggle.json"))
    # Both may be the path of a file.
    names = ("KAGGLE_API_TOKEN", "KAGGLE_API_V1_TOKEN")
    places += [Path(os.environ[name]) for name in names if os.environ.get(name, "").startswith("/")]
    # Path.exists would raise for a folder that this user may not read.
    return [os.path.realpath(place) for place in places if os.path.exists(place)]
