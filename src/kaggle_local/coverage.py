"""What the stand-in does, as a page: `python -m kaggle_local.coverage` writes `COVERAGE.md`."""

import inspect
import sys
from dataclasses import dataclass
from pathlib import Path

from kagglesdk.blobs.services.blob_api_service import BlobApiClient
from kagglesdk.datasets.services.dataset_api_service import DatasetApiClient
from kagglesdk.kernels.services.kernels_api_service import KernelsApiClient
from kagglesdk.security.services.oauth_service import OAuthClient

from kaggle_local.api.registry import BLOBS, DATASETS, DIAGNOSTICS, KERNELS, OAUTH, Service
from kaggle_local.limits import Limits
from kaggle_local.state.store import Store

PAGE = Path(__file__).with_name("COVERAGE.md")
VERIFIED = "2.2.4 in the tests; 2.2.5 by hand, 2026-11-23"
_CLIENTS = {
    KERNELS: KernelsApiClient,
    DATASETS: DatasetApiClient,
    BLOBS: BlobApiClient,
    OAUTH: OAuthClient,
}


@dataclass(frozen=True)
class Entry:
    """What is to be said of a call.

    Attributes:
        used_by: The commands that send it; the tests see to it that they do.
        differs: What is known to differ from Kaggle, or is only supposed.
    """

    used_by: tuple[str, ...]
    differs: str = ""


CALLS = {
    f"{OAUTH}/IntrospectToken": Entry(
        ("every command",), "Any token but the stand-in's is answered 401."
    ),
    f"{DIAGNOSTICS}/Hello": Entry(("kagglehub.whoami",), "Only `userName` is answered."),
    f"{BLOBS}/StartBlobUpload": Entry(
        (
            "datasets create",
            "datasets version",
            "datasets version (id_no)",
            "kagglehub.dataset_upload",
        ),
        "Uploads live for 7 days. Checksums are not compared.",
    ),
    f"{KERNELS}/SaveKernel": Entry(
        ("kernels push",),
        "Python only. The slug of the title must be that of the id (409). An id without owner is "
        "refused. Every competition and model source is invalid, every tag valid. `dockerImage` "
        "and its pinning are kept and have no effect. Sources above 1 MiB are refused.",
    ),
    f"{KERNELS}/GetKernelSessionStatus": Entry(
        ("kernels status",), "A kernel that was saved without being run is `NEW_SCRIPT`."
    ),
    f"{KERNELS}/ListKernelSessionOutput": Entry(
        ("kernels output", "kernels logs"),
        "The log grows while the kernel runs; files are listed once it has ended.",
    ),
    f"{KERNELS}/ListKernelFiles": Entry(("kernels files",)),
    f"{KERNELS}/GetKernel": Entry(("kernels pull",), "Votes are 0."),
    f"{KERNELS}/ListKernels": Entry(
        ("kernels list",),
        "Search is for a part of the handle or title; sorted by last run or creation only; "
        "`outputType` and collaborations have no effect.",
    ),
    f"{KERNELS}/DeleteKernel": Entry(("kernels delete",), "What still runs is stopped."),
    f"{KERNELS}/GetAcceleratorQuotaStatistics": Entry(
        ("quota",),
        "Hours count from the stand-in's own sessions and start again on Saturday, 00:00 UTC.",
    ),
    f"{DATASETS}/CreateDataset": Entry(
        ("datasets create", "kagglehub.dataset_upload"),
        "zip, tar and tar.gz files are unpacked into a folder of their name, also "
        "the `archive.zip` that kagglehub makes of more than 50 files. A hostile archive is "
        "refused as a whole. Column descriptions are not kept.",
    ),
    f"{DATASETS}/CreateDatasetVersion": Entry(
        ("datasets version", "kagglehub.dataset_upload"),
        "403 while the version before is being processed.",
    ),
    f"{DATASETS}/CreateDatasetVersionById": Entry(("datasets version (id_no)",)),
    f"{DATASETS}/UpdateDatasetMetadata": Entry(
        ("datasets metadata --update",),
        "Collaborators, file descriptions, update frequency, sources and cover image are not kept.",
    ),
    f"{DATASETS}/DeleteDataset": Entry(("datasets delete",)),
    f"{DATASETS}/GetDatasetStatus": Entry(
        ("datasets create", "datasets status", "datasets status --format json"),
        "`BLOBS_RECEIVED` for a set time, then `READY`; never `FAILED`.",
    ),
    f"{DATASETS}/GetDataset": Entry(
        ("datasets status --format json", "kagglehub.dataset_download"),
        "Views, votes, downloads and usability are absent.",
    ),
    f"{DATASETS}/GetDatasetMetadata": Entry(("datasets download", "datasets metadata")),
    f"{DATASETS}/ListDatasetFiles": Entry(("datasets files",)),
    f"{DATASETS}/DownloadDataset": Entry(
        ("datasets download", "kagglehub.dataset_download"),
        "Archives are stored, not compressed; single files are never zipped; addresses do not "
        "expire.",
    ),
    f"{DATASETS}/ListDatasets": Entry(
        ("datasets list",),
        "Search is for a part of the handle or title; file type, license and tags have no effect; "
        "sorted by last update or creation only.",
    ),
}

OTHER_REQUESTS = {
    "PUT /upload/TOKEN": "bytes of an upload, resumed by `Content-Range` and 308",
    "GET /files/SIGNATURE/...": "a file or archive, with ranges and ETag",
    "GET /api/v1/kernels/logs/stream/OWNER/SLUG": "`kernels logs -f`: server-sent events, "
    "or the whole log once the kernel has ended",
}

RULES = {
    "Input folders": "`datasets/OWNER/SLUG` and `notebooks/OWNER/SLUG`, or `--layout legacy`; "
    "Kaggle is seen to use both. Kaggle also puts `__script__.py`, `__results__.html` and "
    "the like among a kernel's outputs; here only notebooks leave `__notebook__.ipynb` and "
    "`__results__.html`.",
    "Kernel sources": "the last complete run, whatever version is named; a kernel without one is "
    "an invalid source (supposed).",
    "Sessions": "5 CPU, 2 GPU and 2 TPU at once, 12 hours each, 30 GPU and 20 TPU hours a week; "
    "an accelerator that is asked for is counted, but the hardware is this machine's.",
    "End of a run": "a non-zero exit is `ERROR`, a time-out or a stop `CANCEL_ACKNOWLEDGED`; "
    "outputs are kept in both cases. A notebook that is stopped leaves no executed copy.",
    "Output": "at most 20 GB; measured while the kernel runs and at its end, not enforced by a "
    "file system. Links and devices are dropped.",
    "Network": "`enable_internet: false` cuts it off where the system has network namespaces; with "
    "internet, plain `http:` goes to the stand-in, which is no proxy; `https:` works.",
    "Image": "the Python of the server, not Kaggle's image; the whole file system of the machine "
    "can be read. This is a stand-in, not a sandbox for code that you do not trust.",
    "Private things": "403 for anyone but the owner, absent or not; 404 for the owner.",
    "Placeholder": "the owner `kaggle-username` is refused with advice (400).",
}


def implemented() -> set[str]:
    """Name every call that is answered, as `service/Method`."""
    return set(Service(Store(Path()), "", "2026", Limits(), "").calls)


def known() -> list[str]:
    """Name every call of the services in question, those that kagglesdk knows and `Hello`."""
    found = [
        f"{service}/{name.title().replace('_', '')}"
        for service, client in _CLIENTS.items()
        for name, _ in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_")
    ]
    return [*found, f"{DIAGNOSTICS}/Hello"]


def page() -> str:
    """Write the page."""
    calls = [_row(name) for name in known()]
    others = [f"| `{name}` | {what} |" for name, what in OTHER_REQUESTS.items()]
    rules = [f"| {name} | {what} |" for name, what in RULES.items()]
    return "\n".join(
        [
            "# What the stand-in does, and what it does not",
            "",
            "Written by `python -m kaggle_local.coverage`; a test sees to it that it is current.",
            "",
            f"**Verified against the client**: {VERIFIED}; kagglehub 1.0.2 in the tests.",
            "**Verified against the real Kaggle**: nothing, by nobody. What is done follows the",
            "client's source and what others have published; take every row as a claim to check.",
            "",
            "## Calls",
            "",
            "| call | here | sent by | known to differ from Kaggle |",
            "|---|---|---|---|",
            *calls,
            "",
            "Every other call of any service is refused by name, with HTTP 400.",
            "",
            "## Other requests",
            "",
            "| request | what |",
            "|---|---|",
            *others,
            "",
            "## Rules",
            "",
            "| rule | here, and where Kaggle differs |",
            "|---|---|",
            *rules,
            "",
        ]
    )


def _row(name: str) -> str:
    if name not in implemented():
        return f"| `{name}` | refused | | |"
    entry = CALLS[name]
    return f"| `{name}` | done | {', '.join(entry.used_by)} | {entry.differs} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
