"""Store the weights of a network in half precision, in half the space.

    python -m experiments.halve_weights build/networks/autoencoder.keras models/autoencoder.keras

The network keeps its type: `keras.saving.load_model` reads the weights back into float32.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zipfile import ZIP_DEFLATED, ZipFile

import h5py
import numpy as np
import typer

from colorization.files import atomic_path

WEIGHTS = "model.weights.h5"  # in every `.keras` file


def halve_weights(source: Path, target: Path) -> None:
    """Write a `.keras` file again, with weights in float16.

    Raises:
        ValueError: If a weight is beyond what float16 can hold.
    """
    with TemporaryDirectory() as scratch, ZipFile(source) as before:
        before.extractall(scratch)
        weights = Path(scratch) / WEIGHTS
        halved = weights.with_suffix(".half")
        with h5py.File(weights) as full, h5py.File(halved, "w") as half:
            _copy(full, half)
        shutil.move(halved, weights)
        with atomic_path(target) as part, ZipFile(part, "w", ZIP_DEFLATED) as after:
            for name in before.namelist():
                after.write(Path(scratch) / name, name)


def _copy(full: h5py.Group, half: h5py.Group) -> None:
    half.attrs.update(full.attrs)
    for name, item in full.items():
        if isinstance(item, h5py.Group):
            _copy(item, half.create_group(name))
            continue
        values = item[()]
        with np.errstate(over="ignore"):
            small = values.astype(np.float16) if values.dtype == np.float32 else values
        if not np.isfinite(small).all():
            raise ValueError(f"{item.name} holds values up to {np.abs(values).max():g}")
        half.create_dataset(name, data=small).attrs.update(item.attrs)


def main(
    source: Annotated[Path, typer.Argument(help="A .keras file.")],
    target: Annotated[Path, typer.Argument(help="The .keras file to write.")],
) -> None:
    """Store the weights of a network in half precision."""
    target.parent.mkdir(parents=True, exist_ok=True)
    halve_weights(source, target)
    print(f"{target}: {target.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    typer.run(main)
