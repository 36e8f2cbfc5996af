"""Execute kernels/report/report.ipynb, and write its outputs into it.

    python -m docs.build.execute_report

It runs as it does on a bare folder of photos: on drawn portraits, with the photos of
scikit-image and matplotlib as those from elsewhere, and with the network that ships. The outputs
are committed, so they show no other photo.
"""

import os
import shutil
from pathlib import Path

import nbformat
import typer
from nbclient import NotebookClient

from colorization.files import atomic_path
from colorization.inference.model_path import MODEL_VARIABLE, SHIPPED_MODEL
from deepcolor.portraits import write_portraits
from docs.build.tables import ROOT

NOTEBOOK = ROOT / "kernels" / "report" / "report.ipynb"
PORTRAITS = 240  # more than the demo's, which somebody waits for


def execute(notebook: nbformat.NotebookNode, work: Path) -> None:
    """Execute a notebook in a folder, which is replaced, on drawn portraits."""
    shutil.rmtree(work, ignore_errors=True)
    write_portraits(work / "photos", PORTRAITS)
    inputs = {"PHOTOS": "photos", "KAGGLE_CACHE_MOUNT_FOLDER": str(work / "none")}
    inputs["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow complains of a GPU's absence
    environment = os.environ | inputs | {MODEL_VARIABLE: str(SHIPPED_MODEL)}
    environment.pop("AILLEURS", None)
    client = NotebookClient(
        notebook, timeout=None, record_timing=False, resources={"metadata": {"path": str(work)}}
    )
    # The kernel warns about unencrypted traffic, which stays on this loopback.
    client.extra_arguments = ["--log-level=ERROR"]
    client.execute(env=environment)


def main() -> None:
    """Execute kernels/report/report.ipynb, and write its outputs into it."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    execute(notebook, ROOT / "build" / "report")
    with atomic_path(NOTEBOOK) as part:
        nbformat.write(notebook, part)
    print(f"{NOTEBOOK.name}: {NOTEBOOK.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)
