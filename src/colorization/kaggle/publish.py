"""Publishing an output from inside the kernel: it need not pass through anyone's machine."""

import logging
from pathlib import Path

import kagglehub

from colorization.kaggle.run import Run


def publish(run: Run, output: Path) -> bool:
    """Upload a finished output as the dataset that the run was staged for, if Kaggle lets it.

    A kernel may do so when it has internet access and its owner's token. Where it may not, whoever
    drives the chain uploads the output instead; so a refusal is told and is no failure.

    Args:
        run: The run, finished.
        output: Its output.

    Returns:
        Whether the dataset was uploaded.
    """
    if not run.dataset:
        return False
    try:
        kagglehub.dataset_upload(run.dataset, str(output), f"fingerprint {run.fingerprint}")
    except Exception as error:  # a dozen types of two libraries; each means the same here
        logging.warning("%s is not published from here: %s", run.dataset, error)
        return False
    return True
