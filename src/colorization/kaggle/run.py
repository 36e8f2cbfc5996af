"""Provenance of outputs: each has a `manifest.json`, which the next stages check.

A fingerprint is a hash of the code, the settings and the fingerprints of the inputs of an output.
"""

import dataclasses
import itertools
import json
import logging
import platform
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from colorization.files import save_json
from colorization.kaggle.paths import ARCHIVE, PUSH_AGAIN, find_input

# Modules and the distributions that they may come from: a TPU's image has another TensorFlow.
LIBRARIES = {
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "keras": ("keras",),
    "numpy": ("numpy",),
    "skimage": ("scikit-image",),
    "PIL": ("pillow",),
}
MANIFEST = "manifest.json"
ZIPS = (".zip", ".keras", ".npz")  # which Kaggle may unpack to folders
UPLOADED = "is uploaded, but not served yet"  # `deepcolor run` waits if a kernel's log has this
CODE = "deep-colorization-code"


def file_sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of every file below a folder, without the manifest, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    return {name: size for name, size in sizes.items() if name != MANIFEST}


def read_fingerprint(folder: Path) -> str | None:
    """Return the fingerprint in the manifest of a dataset or output; None without one."""
    return _read_manifest(folder).get("fingerprint")


def missing_files(folder: Path) -> list[str]:
    """Return the files in the manifest of a dataset that are missing or have another size.

    Kaggle may unpack `photos.zip` to `photos/`, and may leave `src/` in `src.zip`.
    """
    sizes = _read_manifest(folder).get("files", {})
    return [name for name, size in sizes.items() if not _is_complete(folder, name, size)]


def unlisted_files(files: Mapping[str, int], listed: Mapping[str, int]) -> list[str]:
    """Return the files of a manifest that a dataset does not list whole; both give bytes by name.

    Kaggle may unpack `photos.zip` to `photos/`, other zips such as `.keras` files, and all files
    into `archive/`, and leave out empty files.
    """
    if all(name.startswith(f"{ARCHIVE}/") for name in listed):
        listed = {name.removeprefix(f"{ARCHIVE}/"): size for name, size in listed.items()}
    folders = {name.split("/")[0] for name in listed if "/" in name}

    def is_listed(name: str, size: int) -> bool:
        path = Path(name)
        if name not in listed and path.suffix in ZIPS:
            return bool({name, str(path.with_suffix(""))} & folders)
        return size == 0 or listed.get(name) == size

    return [name for name, size in files.items() if not is_listed(name, size)]


def parse_json(content: bytes) -> dict[str, Any]:
    """Parse a JSON file of a dataset as it was downloaded: Kaggle sends large files as a zip."""
    if zipfile.is_zipfile(BytesIO(content)):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    return dict(json.loads(content))


def _read_manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    manifest: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return manifest


def _is_complete(folder: Path, name: str, size: int) -> bool:
    path, packed = folder / name, folder / f"{name.split('/')[0]}.zip"
    if path.is_file():
        return path.stat().st_size == size
    if size == 0:
        return True  # Kaggle may leave out empty files
    return (path.suffix == ".zip" and path.with_suffix("").is_dir()) or packed.is_file()


def _is_unpacked(path: Path) -> bool:
    return path.suffix in ZIPS and (path.is_dir() or path.with_suffix("").is_dir())


def _library_versions() -> dict[str, str]:
    found = {}
    for name in itertools.chain.from_iterable(LIBRARIES.values()):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


class Run:
    """One run of a stage: it finds and checks the inputs, and writes the manifest of the output.

    Args:
        stage: Name of the stage.
        chain: Values that `deepcolor stage` wrote into the kernel: "fingerprint" of this run;
            "inputs", the expected fingerprint of each mounted dataset; "dataset", the handle of the
            dataset that the output becomes. Empty: nothing is checked or published.
    """

    def __init__(self, stage: str, chain: dict[str, Any]):
        self.stage = stage
        self.fingerprint = chain.get("fingerprint")
        self.dataset: str | None = chain.get("dataset")
        self.expected: dict[str, str] = chain.get("inputs", {})
        self.inputs: dict[str, str | None] = {}
        self.started = time.time()
        if missing := [name for name in LIBRARIES if not find_spec(name)]:
            logging.warning("this image lacks %s: a step that needs it fails", ", ".join(missing))
        self._check(CODE, Path(__file__).parents[3])

    def input(self, *slugs: str) -> Path:
        """Return the folder of the first mounted input, by slugs in order of preference.

        Raises:
            FileNotFoundError: If none of them is mounted.
            RuntimeError: If its fingerprint is not the expected one, or files are missing.
        """
        folder = find_input(*slugs)
        self._check(next(slug for slug in slugs if slug in folder.parts), folder)
        return folder

    def _check(self, slug: str, folder: Path) -> None:
        found, expected = read_fingerprint(folder), self.expected.get(slug)
        if expected and found != expected:
            raise RuntimeError(
                f"{slug} is not the version that {self.stage} was staged for: expected fingerprint "
                f"{expected}, received {found}; {PUSH_AGAIN}"
            )
        if missing := missing_files(folder):
            if unpacked := [name for name in missing if _is_unpacked(folder / name)]:
                raise RuntimeError(
                    f"Kaggle has unpacked {', '.join(unpacked)} of {slug} to folders, which cannot "
                    "be read: publish the dataset again with these files in one zip"
                )
            raise RuntimeError(
                f"{slug} is incomplete: {', '.join(missing[:5])} missing; publish it again"
            )
        self.inputs[slug] = found

    def finish(self, output: Path, config: Any) -> None:
        """Write `manifest.json`, after all other files; `config` is one dataclass, or a list."""
        configs = config if isinstance(config, list) else [config]
        manifest = {
            "stage": self.stage,
            "fingerprint": self.fingerprint,
            "inputs": self.inputs,
            "config": [dataclasses.asdict(item) for item in configs],
            "versions": {"python": platform.python_version()} | _library_versions(),
            "files": file_sizes(output),
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started)),
            "seconds": round(time.time() - self.started, 1),
        }
        save_json(output / MANIFEST, manifest)

    def provenance(self) -> dict[str, str]:
        """Return the fingerprints of this run and of the inputs that were opened."""
        inputs = {slug: found or "unstaged" for slug, found in self.inputs.items()}
        return {"run": self.fingerprint or "unstaged"} | inputs

    def __str__(self) -> str:
        return f"{self.stage}, run {self.fingerprint or 'unstaged'}"
