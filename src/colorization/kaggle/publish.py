"""Publish the output of a kernel from inside it."""

import logging
from pathlib import Path

import kagglehub

from colorization.kaggle.run import Run


def publish(run: Run, output: Path) -> bool:
    """Upload the output of a finished run as its dataset; return whether Kaggle allowed it.

    That takes internet access and the owner's token. A failure is logged: `deepcolor run` uploads.
    """
    if not run.dataset:
        return False
    try:
        kagglehub.dataset_upload(run.dataset, str(output), f"fingerprint {run.fingerprint}")
    except Exception as error:  # two libraries raise a dozen types, all with the same meaning
        logging.warning("%s is not published from here: %s", run.dataset, error)
        return False
    return True
