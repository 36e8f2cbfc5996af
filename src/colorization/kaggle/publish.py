"""Publish the output of a kernel from inside it."""

import logging
import os
import time
from pathlib import Path
from typing import Any

import kagglehub
from kagglehub.clients import build_kaggle_client
from kagglesdk.datasets.types import dataset_api_service as datasets

from colorization.kaggle.paths import ARCHIVE
from colorization.kaggle.run import MANIFEST, UPLOADED, Run, file_sizes, parse_json, unlisted_files

PAGE_SIZE = 200


def publish(run: Run, output: Path, wait: float = 1800.0) -> bool:
    """Upload the output of a finished run as its dataset; return whether Kaggle serves all of it.

    That takes internet access and the owner's token. A failure is logged: `deepcolor run` uploads
    then what is missing. Kaggle processes an upload for a while, of which at most `wait` seconds
    are waited for.
    """
    if not run.dataset:
        return False
    os.environ.setdefault("DISABLE_KAGGLE_CACHE", "1")  # what is uploaded here is not mounted here
    try:
        kagglehub.dataset_upload(run.dataset, str(output), f"fingerprint {run.fingerprint}")
    except Exception as error:  # two libraries raise a dozen types, all with the same meaning
        logging.warning("%s is not published from here: %s", run.dataset, error)
        return False
    return _is_served(run, file_sizes(output), time.monotonic() + wait)


def _is_served(run: Run, files: dict[str, int], deadline: float) -> bool:
    reason: object = f"Kaggle does not serve fingerprint {run.fingerprint} yet"
    pause = 0.25
    while time.monotonic() < deadline:
        try:
            listed = _list_files(run)
            if not (missing := unlisted_files(files, listed)):
                if _read_manifest(run, listed).get("fingerprint") == run.fingerprint:
                    return True
            else:
                reason = f"Kaggle does not list {', '.join(missing[:5])}"
        except Exception as error:  # a new dataset is denied until it is processed
            reason = error
        pause = min(2 * pause, 30)
        time.sleep(pause)
    logging.warning("%s %s: %s", run.dataset, UPLOADED, reason)
    return False


def _list_files(run: Run) -> dict[str, int]:
    request = _request(datasets.ApiListDatasetFilesRequest(), run)
    request.page_size = PAGE_SIZE
    listed: dict[str, int] = {}
    with build_kaggle_client() as client:
        while True:
            page = client.datasets.dataset_api_client.list_dataset_files(request)
            listed |= {file.name: file.total_bytes for file in page.dataset_files or []}
            if not page.next_page_token:
                return listed
            request.page_token = page.next_page_token


def _read_manifest(run: Run, listed: dict[str, int]) -> dict[str, Any]:
    request = _request(datasets.ApiDownloadDatasetRequest(), run)
    request.file_name = MANIFEST if MANIFEST in listed else f"{ARCHIVE}/{MANIFEST}"
    with build_kaggle_client() as client:
        return parse_json(client.datasets.dataset_api_client.download_dataset(request).content)


def _request(request: Any, run: Run) -> Any:
    request.owner_slug, request.dataset_slug = str(run.dataset).split("/")
    return request
