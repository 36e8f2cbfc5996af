"""Where an output comes from: a `manifest.json` beside it, checked by the stages that read it.

A fingerprint identifies a dataset by what it was made of: code, settings and the fingerprints of
the inputs. `deepcolor stage` computes those of the whole chain and writes into each kernel its own
and those of its inputs, so that a stale or foreign input is refused before it is used.
"""

import dataclasses
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from colorization.files import save_json
from colorization.kaggle.paths import find_input

LIBRARIES = ("tensorflow", "keras", "numpy", "scikit-image", "pillow")
MANIFEST = "manifest.json"
CODE = "deep-colorization-code"


def file_sizes(folder: Path) -> dict[str, int]:
    """Return the size of every file below a folder but its manifest, by relative path.

    Args:
        folder: Output of a stage.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    return {name: size for name, size in sizes.items() if name != MANIFEST}


def read_fingerprint(folder: Path) -> str | None:
    """Return the fingerprint that an output states, or None if it states none.

    Args:
        folder: Mounted dataset, or the output of a stage.
    """
    file = folder / MANIFEST
    stated = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return stated.get("fingerprint")


def missing_files(folder: Path) -> list[str]:
    """Return the files that a dataset's manifest lists and that are not there, whole.

    Kaggle may or may not have unpacked an archive: `photos.zip` may be the folder `photos/`, and
    the files of `src/` may still be in `src.zip`.

    Args:
        folder: Mounted dataset, or the output of a stage.
    """
    file = folder / MANIFEST
    sizes = json.loads(file.read_text("utf-8")).get("files", {}) if file.is_file() else {}
    return [name for name, size in sizes.items() if not _is_there(folder, name, size)]


def _is_there(folder: Path, name: str, size: int) -> bool:
    path, packed = folder / name, folder / f"{name.split('/')[0]}.zip"
    if path.is_file():
        return path.stat().st_size == size
    return (path.suffix == ".zip" and path.with_suffix("").is_dir()) or packed.is_file()


class Run:
    """One run of a stage: finds its inputs, checks them, and signs its output.

    Args:
        stage: Name of the stage.
        chain: What `deepcolor stage` wrote into the kernel: "fingerprint"; "inputs", the
            fingerprint that each mounted dataset must have; "dataset", the handle of the dataset
            that the output becomes. Empty: nothing is checked or published.

    Raises:
        RuntimeError: If the mounted code is not that of this run.
    """

    def __init__(self, stage: str, chain: dict[str, Any]):
        self.stage = stage
        self.fingerprint = chain.get("fingerprint")
        self.dataset: str | None = chain.get("dataset")
        self.expected: dict[str, str] = chain.get("inputs", {})
        self.inputs: dict[str, str | None] = {}
        self.started = time.time()
        self._check(CODE, Path(__file__).parents[3])

    def input(self, *slugs: str) -> Path:
        """Find an input that is mounted, and make sure that it is the one meant.

        Args:
            *slugs: Dataset slugs in order of preference.

        Returns:
            Its folder.

        Raises:
            FileNotFoundError: If none is mounted.
            RuntimeError: If it is stale or foreign.
        """
        folder = find_input(*slugs)
        self._check(next(slug for slug in slugs if slug in folder.parts), folder)
        return folder

    def _check(self, slug: str, folder: Path) -> None:
        found, expected = read_fingerprint(folder), self.expected.get(slug)
        if expected and found != expected:
            raise RuntimeError(
                f"{slug} is not the version that {self.stage} was staged for: its fingerprint is "
                f"{found}, expected {expected}; wait until the dataset is ready, then push again"
            )
        if missing := missing_files(folder):
            raise RuntimeError(
                f"{slug} is not whole: {', '.join(missing[:5])} should be there; publish it again"
            )
        self.inputs[slug] = found

    def finish(self, output: Path, config: Any) -> None:
        """Sign the output with `manifest.json`; call it last, when all else is written.

        Args:
            output: Folder of the output.
            config: Dataclass of the stage's settings, or a list of them.
        """
        configs = config if isinstance(config, list) else [config]
        manifest = {
            "stage": self.stage,
            "fingerprint": self.fingerprint,
            "inputs": self.inputs,
            "config": [dataclasses.asdict(item) for item in configs],
            "versions": {"python": platform.python_version()} | {n: version(n) for n in LIBRARIES},
            "files": file_sizes(output),
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started)),
            "seconds": round(time.time() - self.started, 1),
        }
        save_json(output / MANIFEST, manifest)

    def __str__(self) -> str:
        return f"{self.stage}, run {self.fingerprint or 'unstaged'}"
