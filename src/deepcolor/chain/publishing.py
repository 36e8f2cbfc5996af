"""Publish datasets: upload what the service lacks, and wait until it serves all of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from colorization.kaggle.run import (
    MANIFEST,
    UPLOADED,
    file_sizes,
    read_fingerprint,
    unlisted_files,
)
from deepcolor.chain.datasets import StagedDataset
from deepcolor.chain.effects import act_until_visible, wait_for
from deepcolor.chain.graph import DATASET
from deepcolor.errors import DeepColorError
from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.request_errors import LONGEST


class Publisher:
    """Publishes datasets on one service, each version once; tells what it did."""

    def __init__(self, client: KaggleClient, tell: Callable[[str], None]):
        self.client = client
        self.tell = tell

    def is_published(self, dataset: StagedDataset) -> bool:
        """Return whether the service has this version of a dataset, and say so."""
        version = self._published_version(dataset)
        if version:
            self.tell(f"{dataset.name}: unchanged, dataset {dataset.handle} version {version}")
        return version is not None

    def version_by_kernel(self, kernel: str, output: StagedDataset) -> int | None:
        """Return the version of its output that a kernel has published itself, if it has."""
        found = self._published_version(output)
        if found is None and UPLOADED in self.client.kernel_log(kernel):
            return wait_for(self.client, lambda: self._published_version(output), LONGEST)
        return found

    def publish(self, dataset: StagedDataset) -> None:
        """Upload a dataset, and wait until the service has all of it."""
        notes = f"fingerprint {dataset.fingerprint}"

        def upload() -> None:
            new = self.client.dataset_version(dataset.handle) is None
            self.client.upload_dataset(dataset.folder, notes, new)

        version = act_until_visible(
            self.client,
            lambda: self._published_version(dataset),
            upload,
            f"dataset {dataset.handle}",
        )
        self.report(dataset, version)

    def report(self, dataset: StagedDataset, version: int) -> None:
        """Say that a version of a dataset was published."""
        self.tell(f"{dataset.name}: dataset {dataset.handle} version {version}")

    def _published_version(self, dataset: StagedDataset) -> int | None:
        version = self.client.wait_until_ready(dataset.handle)
        if version is None:
            return None
        manifest = self.client.dataset_json(dataset.handle, MANIFEST, version) or {}
        if manifest.get("fingerprint") != dataset.fingerprint:
            return None
        listed = self.client.dataset_files(dataset.handle, version)
        return None if unlisted_files(manifest["files"], listed) else version


def fill_dataset(dataset: StagedDataset, output: Path) -> None:
    """Fill the folder of a stage's dataset with the output of its kernel."""
    for old in dataset.folder.iterdir():
        if old.name != DATASET:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for path in sorted(output.iterdir()):
        # Kaggle adds files of its own, such as `__results__.html`.
        if not path.name.startswith("__"):
            (shutil.copytree if path.is_dir() else shutil.copy)(path, dataset.folder / path.name)
    if read_fingerprint(dataset.folder) != dataset.fingerprint:
        raise DeepColorError(
            f"the output of the kernel does not have the fingerprint {dataset.fingerprint}"
        )


def describe_size(folder: Path) -> str:
    """Return the size of the files of a dataset, such as "33.1 MB"."""
    return f"{sum(file_sizes(folder).values()) / 1e6:.1f} MB"
