"""`deepcolor doctor`: check what a run on a service needs, before anything is sent."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from deepcolor.chain.datasets import check_photos
from deepcolor.chain.graph import KERNEL, NEUTRAL_OWNER, Stage, read_stages
from deepcolor.chain.staging import DEFAULT_PHOTOS, is_handle
from deepcolor.errors import DeepColorError
from deepcolor.kaggle import Service
from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.connect import connect
from deepcolor.kaggle.request_errors import TransientError

CLIENTS = ("kaggle", "kagglesdk", "kagglehub")


@dataclass(frozen=True)
class Finding:
    """The result of one check; the text says what was found, or what to do."""

    check: str
    ok: bool
    text: str


def examine(root: Path, service: Service, data: Sequence[str | Path]) -> Iterator[Finding]:
    """Check clients, project, token, quota and datasets; nothing is changed on the service.

    Args:
        root: Folder of the project.
        service: Service to run on.
        data: Training photos, as for `stage_chain`.
    """
    yield Finding("clients", True, ", ".join(f"{name} {version(name)}" for name in CLIENTS))
    try:
        stages = read_stages(root)  # checks titles and slugs
    except DeepColorError as error:
        yield Finding("names", False, str(error))
        return
    yield Finding("names", True, f"{len(stages)} kernels, titles and slugs agree")
    try:
        client = connect(service, root)
    except DeepColorError as error:
        yield Finding("token", False, str(error))
        return
    yield Finding("token", True, f"authenticated as {client.username}")
    try:
        yield _found("GPU", partial(_check_quota, client, stages))
        for source in data or ([] if service is Service.LOCAL else [DEFAULT_PHOTOS]):
            yield _found("photos", partial(_check_source, client, source))
        yield from _check_names_in_use(client, stages)
    except TransientError as error:  # after several attempts: others would fail, too
        yield Finding("Kaggle", False, str(error).splitlines()[0])


def _found(check: str, ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except TransientError:
        raise
    except DeepColorError as error:
        return Finding(check, False, str(error))


def _check_quota(client: KaggleClient, stages: Sequence[Stage]) -> Finding:
    used, allowed, renewed = client.gpu_quota()
    wanting = [stage.name for stage in stages if stage.kernel.get("enable_gpu")]
    if not allowed:
        text = "no GPU hours: verify your phone number in the settings of your Kaggle account"
        return Finding("GPU", not wanting, text)
    text = f"{used:.1f} of {allowed:.1f} hours used, renewed on {renewed:%Y-%m-%d, %H:%M} UTC"
    return Finding("GPU", used < allowed or not wanting, text)


def _check_source(client: KaggleClient, source: str | Path) -> Finding:
    if not is_handle(source):
        check_photos(Path(source))
        return Finding("photos", True, f"{source}: on this machine")
    found = client.dataset_version(str(source))
    if found is None:
        return Finding("photos", False, f"{source}: no such dataset, or it is private")
    return Finding("photos", found[0] == "ready", f"{source}: version {found[1]}, {found[0]}")


def _check_names_in_use(client: KaggleClient, stages: Sequence[Stage]) -> Iterator[Finding]:
    for stage in stages:
        handle = stage.kernel["id"].replace(NEUTRAL_OWNER, client.username)
        source = client.kernel_source(handle)
        if source is not None and "CHAIN = " not in source:
            yield Finding(
                stage.name, False, f"{handle} is another kernel of yours: change its id in {KERNEL}"
            )
