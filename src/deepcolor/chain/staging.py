"""Staging: folders that plain `kaggle kernels push` and `kaggle datasets create` accept.

The committed metadata name the owner `kaggle-username`. Staging writes them for a Kaggle user and
states in each kernel its fingerprint and those of its inputs: digests of what they are made of.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from colorization.files import save_json
from deepcolor.chain.datasets import (
    StagedDataset,
    make_empty_folder,
    pack_code,
    pack_photos,
    set_owner,
)
from deepcolor.chain.graph import (
    DATASET,
    KERNEL,
    NEUTRAL_OWNER,
    Metadata,
    Stage,
    read_metadata,
    read_stages,
)
from deepcolor.errors import DeepColorError

DEFAULT_PHOTOS = "jessicali9530/celeba-dataset"
PINNED_LINE = "CHAIN = {}"
STAGED = "staged.json"
HANDLE = re.compile(r"[a-z0-9-]+/[a-z0-9-]{3,}", re.IGNORECASE)


@dataclass(frozen=True)
class StagedKernel:
    """A folder that `kaggle kernels push` accepts, and the dataset of its output, if published.

    The fingerprint is a digest of the code, the metadata and the inputs.
    """

    name: str
    handle: str
    folder: Path
    fingerprint: str
    output: StagedDataset | None


@dataclass(frozen=True)
class StagedChain:
    """The whole chain of an owner, ready to be pushed; each kernel after what it depends on."""

    owner: str
    datasets: list[StagedDataset]
    kernels: list[StagedKernel]


def stage_chain(
    root: Path,
    build: Path,
    owner: str,
    photos: Sequence[str | Path] = (),
    elsewhere: Path | None = None,
) -> StagedChain:
    """Write `kernels/*` and `datasets/*` in a build folder, for one owner.

    Args:
        root: Folder of the project.
        build: Folder to write; an earlier staging in it is replaced.
        owner: Kaggle user name.
        photos: Training photos: folders, zips, and `owner/slug` of datasets on Kaggle; CelebA if
            empty.
        elsewhere: Folder or zip of portraits from elsewhere, for the evaluation.

    Raises:
        DeepColorError: If the owner is the neutral one, or the photos cannot be used.
    """
    if owner == NEUTRAL_OWNER or not owner:
        raise DeepColorError(f"`owner` must be your Kaggle user name, received {owner!r}")
    packed = {_name(number): source for number, source in enumerate(photos)}
    given = packed | ({"elsewhere": elsewhere} if elsewhere else {})
    datasets = [pack_code(root, build / "datasets" / "code", owner)]
    for name, source in given.items():
        if not is_handle(source):
            datasets.append(pack_photos(name, Path(source), build / "datasets" / name, owner))
    known = {dataset.handle: dataset.fingerprint for dataset in datasets}
    ours = {dataset.name: dataset.handle for dataset in datasets}
    handles = [ours.get(name, str(source)) for name, source in packed.items()] or [DEFAULT_PHOTOS]
    kernels = []
    for item in read_stages(root):
        kernels.append(_stage_kernel(item, build, owner, known, handles))
        if output := kernels[-1].output:
            known[output.handle] = output.fingerprint
    staged = StagedChain(owner, datasets, kernels)
    save_json(build / STAGED, asdict(staged, dict_factory=_with_strings))
    return staged


def is_handle(source: str | Path) -> bool:
    """Return whether a source of photos is `owner/slug` of a dataset, and not an existing path."""
    return bool(HANDLE.fullmatch(str(source))) and not Path(source).exists()


def _name(number: int) -> str:
    return f"photos-{number + 1}" if number else "photos"


def load_staged(build: Path) -> StagedChain:
    """Return what `stage_chain` wrote to a build folder last.

    Raises:
        DeepColorError: If nothing is staged there.
    """
    if not (build / STAGED).is_file():
        raise DeepColorError(
            f"nothing is staged in {build}: use `deepcolor run` or `deepcolor stage` first"
        )
    stored = read_metadata(build / STAGED)
    kernels = [
        StagedKernel(**_with_path(item) | {"output": item["output"] and _dataset(item["output"])})
        for item in stored["kernels"]
    ]
    return StagedChain(stored["owner"], [_dataset(item) for item in stored["datasets"]], kernels)


def _with_strings(items: list[tuple[str, Any]]) -> Metadata:
    return {key: str(value) if isinstance(value, Path) else value for key, value in items}


def _dataset(stored: Metadata) -> StagedDataset:
    return StagedDataset(**_with_path(stored))


def _with_path(stored: Metadata) -> Metadata:
    return stored | {"folder": Path(stored["folder"])}


def _stage_kernel(
    item: Stage, build: Path, owner: str, known: dict[str, str], photos: list[str]
) -> StagedKernel:
    kernel = set_owner(item.kernel, owner) | {"code_file": item.code.name}
    chain: Metadata = {}
    if DEFAULT_PHOTOS in (sources := kernel["dataset_sources"]):
        sources = [source for source in sources if source != DEFAULT_PHOTOS]
        kernel["dataset_sources"] = sources + photos
        chain["photos"] = [handle.split("/")[1] for handle in photos]
    inputs = {handle: known[handle] for handle in kernel["dataset_sources"] if handle in known}
    fingerprint = _fingerprint(item.code.read_text("utf-8"), kernel, inputs)
    folder = make_empty_folder(build / "kernels" / item.name)
    save_json(folder / KERNEL, kernel)
    output = None
    chain |= {"fingerprint": fingerprint, "inputs": _by_slug(inputs)}
    if item.dataset:
        dataset = set_owner(item.dataset, owner)
        chain["dataset"] = dataset["id"]
        name = dataset["id"].rsplit("-", 1)[-1]
        output = StagedDataset(name, dataset["id"], build / "datasets" / name, fingerprint)
        save_json(make_empty_folder(output.folder) / DATASET, dataset)
        save_json(folder / DATASET, dataset)
    (folder / item.code.name).write_text(pin_chain(item.code, chain), encoding="utf-8")
    return StagedKernel(item.name, kernel["id"], folder, fingerprint, output)


def _by_slug(handles: dict[str, str]) -> dict[str, str]:
    return {handle.split("/")[1]: fingerprint for handle, fingerprint in handles.items()}


def _fingerprint(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def pin_chain(code: Path, chain: Metadata) -> str:
    """Return the text of a script or notebook with the line `CHAIN = {}` filled in.

    Raises:
        DeepColorError: If the line is missing, or there are several.
    """
    text = code.read_text("utf-8")
    if text.count(PINNED_LINE) != 1:
        raise DeepColorError(f"{code} must contain the line `{PINNED_LINE}` exactly once")
    pinned = f"CHAIN = {json.dumps(chain)}"
    if code.suffix == ".ipynb":
        pinned = json.dumps(pinned)[1:-1]  # the line is part of a JSON string
    return text.replace(PINNED_LINE, pinned)
