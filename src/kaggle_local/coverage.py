"""The page of what the stand-in does: `python -m kaggle_local.coverage` writes `COVERAGE.md`."""

import inspect
from dataclasses import dataclass
from pathlib import Path

from kagglesdk.blobs.services.blob_api_service import BlobApiClient
from kagglesdk.datasets.services.dataset_api_service import DatasetApiClient
from kagglesdk.kernels.services.kernels_api_service import KernelsApiClient
from kagglesdk.security.services.oauth_service import OAuthClient

from kaggle_local.api.registry import BLOBS, DATASETS, DIAGNOSTICS, KERNELS, OAUTH, Api
from kaggle_local.settings import Settings
from kaggle_local.state.store import Store

PAGE = Path(__file__).with_name("COVERAGE.md")
VERIFIED = "2.2.5 in the tests; 2.2.4 with `KAGGLE_CLIENT`, see tests/kaggle_local"
_CLIENTS = {
    KERNELS: KernelsApiClient,
    DATASETS: DatasetApiClient,
    BLOBS: BlobApiClient,
    OAUTH: OAuthClient,
}


@dataclass(frozen=True)
class Entry:
    """The description of an implemented call."""

    used_by: tuple[str, ...]  # commands that send the call; a test checks them
    differences: str = ""  # known or suspected, from Kaggle


CALLS = {
    f"{OAUTH}/IntrospectToken": Entry(
        ("every command",), "Every token but the stand-in's is answered with 401."
    ),
    f"{DIAGNOSTICS}/Hello": Entry(
        ("kagglehub.whoami", "kagglehub.package_import"), "The answer has only `userName`."
    ),
    f"{BLOBS}/StartBlobUpload": Entry(
        (
            "datasets create",
            "datasets version",
            "datasets version (id_no)",
            "kagglehub.dataset_upload",
        ),
        "Uploads are kept for 7 days. Checksums are not compared.",
    ),
    f"{KERNELS}/SaveKernel": Entry(
        ("kernels push",),
        "Python only. The title must give the slug of the id (409). An id without an owner is "
        "refused. All competition and model sources are invalid; all tags are valid. `dockerImage` "
        "and its pinning are stored but have no effect. Sources above 1 MiB are refused.",
    ),
    f"{KERNELS}/GetKernelSessionStatus": Entry(
        ("kernels status",), "A kernel that was saved but not run has the status `NEW_SCRIPT`."
    ),
    f"{KERNELS}/ListKernelSessionOutput": Entry(
        ("kernels output", "kernels logs"),
        "The log grows during the run; files are listed only after it.",
    ),
    f"{KERNELS}/ListKernelFiles": Entry(("kernels files",)),
    f"{KERNELS}/DownloadKernelOutput": Entry(
        (
            "kagglehub.notebook_output_download",
            "kagglehub.package_import",
            "kagglehub.utility_script_install",
        ),
        "404 while the kernel runs.",
    ),
    f"{KERNELS}/GetKernel": Entry(
        (
            "kernels pull",
            "kagglehub.notebook_output_download",
            "kagglehub.package_import",
            "kagglehub.utility_script_install",
        ),
        "Votes are 0.",
    ),
    f"{KERNELS}/ListKernels": Entry(
        ("kernels list",),
        "The search looks for a part of the handle or title. The order is by last run or creation. "
        "`outputType` and collaborations have no effect.",
    ),
    f"{KERNELS}/DeleteKernel": Entry(("kernels delete",), "A running kernel is stopped first."),
    f"{KERNELS}/GetAcceleratorQuotaStatistics": Entry(
        ("quota",),
        "Only the stand-in's own sessions count. A week starts on Saturday, 00:00 UTC.",
    ),
    f"{DATASETS}/CreateDataset": Entry(
        ("datasets create", "kagglehub.dataset_upload"),
        "zip, tar and tar.gz files are unpacked into a folder with the name of the archive, even "
        "the `archive.zip` that kagglehub makes for more than 50 files. A hostile or damaged "
        "archive is refused as a whole. Column descriptions are not stored.",
    ),
    f"{DATASETS}/CreateDatasetVersion": Entry(
        ("datasets version", "kagglehub.dataset_upload"),
        "403 while the previous version is being processed.",
    ),
    f"{DATASETS}/CreateDatasetVersionById": Entry(("datasets version (id_no)",)),
    f"{DATASETS}/UpdateDatasetMetadata": Entry(
        ("datasets metadata --update",),
        "Collaborators, file descriptions, update frequency, sources and the cover image are not "
        "stored.",
    ),
    f"{DATASETS}/DeleteDataset": Entry(("datasets delete",)),
    f"{DATASETS}/GetDatasetStatus": Entry(
        ("datasets create", "datasets status", "datasets status --format json"),
        "`BLOBS_RECEIVED` for a fixed time, then `READY`; never `FAILED`.",
    ),
    f"{DATASETS}/GetDataset": Entry(
        (
            "datasets status --format json",
            "kagglehub.dataset_download",
            "kagglehub.dataset_download (folder)",
        ),
        "Views, votes, downloads and usability are missing.",
    ),
    f"{DATASETS}/GetDatasetMetadata": Entry(("datasets download", "datasets metadata")),
    f"{DATASETS}/ListDatasetFiles": Entry(("datasets files",)),
    f"{DATASETS}/ListTreeDatasetFiles": Entry(("kagglehub.dataset_download (folder)",)),
    f"{DATASETS}/DownloadDataset": Entry(
        (
            "datasets download",
            "kagglehub.dataset_download",
            "kagglehub.dataset_download (folder)",
        ),
        "Archives are not compressed. Single files are never zipped. URLs do not expire.",
    ),
    f"{DATASETS}/ListDatasets": Entry(
        ("datasets list",),
        "The search looks for a part of the handle or title. The order is by last update or "
        "creation. File type, license and tags have no effect.",
    ),
}

OTHER_REQUESTS = {
    "PUT /upload/TOKEN": "The bytes of an upload; resumed with `Content-Range` and 308.",
    "GET /files/SIGNATURE/...": "A file or archive, with ranges and an ETag.",
    "GET /api/v1/kernels/logs/stream/OWNER/SLUG": "`kernels logs -f`: server-sent events during "
    "the run, the whole log after it.",
}

RULES = {
    "Input folders": "`datasets/OWNER/SLUG` and `notebooks/OWNER/SLUG`, or the slug alone with "
    "`--layout legacy`; Kaggle has used both. Kaggle adds `__script__.py`, `__results__.html` and "
    "more to the output of every kernel; here only notebooks leave `__notebook__.ipynb` and "
    "`__results__.html`.",
    "Kernel sources": "The last successful run, even if another version is named. A kernel without "
    "one is an invalid source (an assumption).",
    "Sessions": "5 CPU, 2 GPU and 2 TPU sessions at once, 12 hours each; 30 GPU and 20 TPU hours "
    "per week. A requested accelerator counts, but the hardware is this machine's.",
    "End of a run": "A non-zero exit status gives `ERROR`; a timeout or a stop gives "
    "`CANCEL_ACKNOWLEDGED`. The output is kept in both cases. A stopped notebook leaves no "
    "executed copy.",
    "Output": "At most 20 GB, measured during and after the run; no file system enforces it. Links "
    "and devices are removed. A path of more than 2000 bytes or 100 folders is removed, and the "
    "run fails.",
    "Packages": "Those installed together with the stand-in are hidden from kernels.",
    "Notebooks and shapes": "A notebook that names no kernel, and an unknown `machine_shape`, are "
    "refused (400).",
    "Anonymous reads": "Public datasets are described, listed and downloaded without a token, "
    "and so are public kernels and their output.",
    "Page tokens": "One that no answer gave is refused (400). Kaggle probably ignores it: its own "
    "script of commands sends one for the files of a dataset.",
    "Requests": "At most 256 connections at once. Before its head is complete, a silent one is "
    "closed after 10 s. A call without `Content-Length` is refused (411).",
    "Network": "`enable_internet: false` cuts off the network if the system has network "
    "namespaces. With internet, plain `http:` reaches only the stand-in, which is not a proxy, "
    "and other servers of this machine as `127.0.0.1`; `https:` works. kagglehub downloads what "
    "Kaggle would mount.",
    "Image": "The server's own Python instead of Kaggle's image. A kernel can read the whole file "
    "system: the stand-in is not a sandbox for untrusted code.",
    "Private datasets and kernels": "403 for other users, whether it exists or not; 404 for the "
    "owner.",
    "Placeholder": "The owner `kaggle-username` is refused with advice (400).",
}

AS_REPORTED = {
    "New datasets": "403 until the first version is ready.",
    "New versions": "Until one is ready, status, number and files are those of the version before.",
    "Mounts": "The first kernel that mounts a version finds the one before, or an empty folder.",
    "Single files": "Those of more than 200 bytes are downloaded as a zip.",
    "Empty files": "They are not listed.",
    "Logs": "A stream ends after a second, although the kernel runs.",
    "Reads": "Of 25, the last four get 429 with `Retry-After: 1`.",
    "Titles": "A kernel is stored under its title's slug, whatever its id says.",
    "Kernels": "The token is in the file that `KAGGLE_API_V1_TOKEN` names; kagglehub may not "
    "download instead of mounting.",
}


def implemented_calls() -> set[str]:
    """Return the names of the implemented calls, as `service/Method`."""
    return set(Api(Store(Path()), Settings(Path()), "").calls)


def known_calls() -> list[str]:
    """Return the names of all calls that kagglesdk has for these services, and `Hello`."""
    names = [
        f"{service}/{name.title().replace('_', '')}"
        for service, client in _CLIENTS.items()
        for name, _ in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_")
    ]
    return [*names, f"{DIAGNOSTICS}/Hello"]


def render_page() -> str:
    """Return the text of `COVERAGE.md`."""
    implemented = implemented_calls()
    calls = [
        _row(name, CALLS[name]) if name in implemented else f"| `{name}` | refused | | |"
        for name in known_calls()
    ]
    others = [f"| `{name}` | {text} |" for name, text in OTHER_REQUESTS.items()]
    rules = [f"| {name} | {text} |" for name, text in RULES.items()]
    return "\n".join(
        [
            "# What the stand-in does and does not do",
            "",
            "`python -m kaggle_local.coverage` writes this page; a test checks that it is current.",
            "",
            f"**Verified against the client**: {VERIFIED}; kagglehub 1.0.3 in the tests.",
            "**Verified against the real Kaggle**: nothing. The implementation follows the source",
            "of the client and published reports, so every row is a claim to check.",
            "",
            "## Calls",
            "",
            "| call | here | sent by | known differences from Kaggle |",
            "|---|---|---|---|",
            *calls,
            "",
            "All other calls of all services are refused by name, with HTTP 400.",
            "",
            "## Other requests",
            "",
            "| request | answer |",
            "|---|---|",
            *others,
            "",
            "## Rules",
            "",
            "| subject | rule here, and differences from Kaggle |",
            "|---|---|",
            *rules,
            "",
            "## With `--as-reported`",
            "",
            "What users report of Kaggle, all of it together. Sources: docs/kaggle.md.",
            "",
            "| subject | what happens |",
            "|---|---|",
            *(f"| {name} | {text} |" for name, text in AS_REPORTED.items()),
            "",
        ]
    )


def _row(name: str, entry: Entry) -> str:
    return f"| `{name}` | done | {', '.join(entry.used_by)} | {entry.differences} |"


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
    print(f"wrote {PAGE}")
