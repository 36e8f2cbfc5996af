"""Every command of the real clients, once: what they send is what COVERAGE.md says."""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.stand_in import KAGGLE, Kaggle, until

from kaggle_local.coverage import CALLS, OAUTH, PAGE, implemented_calls, known_calls, render_page
from kaggle_local.handles import Handle
from kaggle_local.state.store import stable_id

# To test another client: KAGGLE_CLIENT=/path/to/venv/bin/kaggle pytest tests/kaggle_local
CLIENT = Path(os.environ.get("KAGGLE_CLIENT", KAGGLE))

# Name in COVERAGE.md, command line, and a part of the printed text.
DATASETS = [
    ("init", "datasets init -p bare", "Data package template written"),
    ("datasets create", "datasets create -p faces -r zip", "is being created"),
    ("datasets version", "datasets version -p faces -m 2 -r zip", "is being created"),
    ("datasets version (id_no)", "datasets version -p numbered -m 3 -r zip", "is being created"),
    ("datasets status", "datasets status alice/my-faces", "ready"),
    (
        "datasets status --format json",
        "datasets status alice/my-faces --format json",
        '"current_version_number": 3',
    ),
    ("datasets files", "datasets files alice/my-faces", "sub/b.txt"),
    ("datasets download", "datasets download alice/my-faces -p down --unzip", "License(s): CC0"),
    ("datasets download", "datasets download alice/my-faces -p one -f sub/b.txt", "b.txt"),
    ("datasets metadata", "datasets metadata alice/my-faces -p meta", "Downloaded metadata"),
    (
        "datasets metadata --update",
        "datasets metadata alice/my-faces -p meta --update",
        "successfully updated",
    ),
    ("datasets list", "datasets list -m", "alice/my-faces"),
]
KERNELS = [
    ("init", "kernels init -p bare", "Kernel metadata template written"),
    ("kernels push", "kernels push -p kernel", "Kernel version 1 successfully pushed"),
    ("kernels logs -f", "kernels logs -f alice/my-kernel", "hello from the kernel"),
    ("kernels status", "kernels status alice/my-kernel", "KernelWorkerStatus.COMPLETE"),
    ("kernels logs", "kernels logs alice/my-kernel", "hello from the kernel"),
    ("kernels files", "kernels files alice/my-kernel", "out.txt"),
    ("kernels output", "kernels output alice/my-kernel -p out", "out.txt"),
    ("kernels pull", "kernels pull alice/my-kernel -p pulled -m", "Source code and metadata"),
    ("kernels list", "kernels list -m", "alice/my-kernel"),
    ("quota", "quota", "30.00h"),
    ("config", "config view", "- username: alice"),
]
DELETIONS = [
    ("kernels delete", "kernels delete -y alice/my-kernel", "deleted successfully"),
    ("datasets delete", "datasets delete -y alice/my-faces", "deleted successfully"),
]
HUB = [
    ("kagglehub.whoami", "kagglehub.whoami()", "alice"),
    ("kagglehub.dataset_upload", "kagglehub.dataset_upload('alice/from-hub', 'faces')", ""),
    ("kagglehub.dataset_upload", "kagglehub.dataset_upload('alice/from-hub', 'faces')", ""),
    ("kagglehub.dataset_download", "kagglehub.dataset_download('alice/from-hub')", "versions/2"),
    (
        "kagglehub.dataset_download (folder)",
        "kagglehub.dataset_download('alice/from-hub', path='sub')",
        "versions/2/sub",
    ),
    (
        "kagglehub.notebook_output_download",
        "kagglehub.notebook_output_download('alice/my-kernel')",
        "my-kernel",
    ),
    (
        "kagglehub.package_import",
        "kagglehub.package_import('alice/my-kernel', force_download=True).answer",
        "42",
    ),
    (
        "kagglehub.utility_script_install",
        "kagglehub.utility_script_install('alice/my-kernel', force_download=True) in sys.path",
        "True",
    ),
]

ASK_IN_VAIN = ("datasets create", "kagglehub.dataset_download (folder)")


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run python -m kaggle_local.coverage"


def test_every_implemented_call_is_described() -> None:
    assert CALLS.keys() == implemented_calls()
    assert implemented_calls() <= set(known_calls())


@pytest.fixture
def tour(start: Callable[..., Kaggle]) -> Kaggle:
    kaggle = start()
    files: dict[str, str | bytes] = {"a.txt": "a", "sub/b.txt": "b"}
    named = {"id": "alice/my-faces", "title": "My faces"}
    kaggle.dataset("faces", files, **named)
    number = stable_id("dataset", Handle("alice", "my-faces"))
    kaggle.dataset("numbered", files, **named, id_no=number)
    source = """
import os
os.mkdir("package")
open("out.txt", "w").close()
open("package/__init__.py", "w").write("answer = 42")
print("hello from the kernel")
"""
    named = {"id": "alice/my-kernel", "title": "My kernel", "keywords": ["utility script"]}
    kaggle.kernel("kernel", source, **named, dataset_sources=["alice/my-faces"])
    (kaggle.folder / "bare").mkdir()
    return kaggle


@pytest.mark.slow
def test_every_command_sends_the_calls_of_the_page(tour: Kaggle) -> None:
    sent: defaultdict[str, set[str]] = defaultdict(set)

    def run(label: str, program: Path, *arguments: str) -> str:
        before = len(tour.requests())
        done = tour.run(*arguments, program=program)
        assert done.returncode == 0, (label, done.stdout, done.stderr)
        for entry in tour.requests()[before:]:
            # Some ask for what does not exist: the dataset to create, a file of a folder's name.
            assert entry["status"] < 400 or label in ASK_IN_VAIN, entry
            if entry["method"] == "POST":
                sent[entry["path"].removeprefix("/api/v1/")].add(label)
        return done.stdout

    for label, command, printed in DATASETS + KERNELS:
        assert printed in run(label, CLIENT, *command.split())
    for label, expression, printed in HUB:
        source = f"import kagglehub, sys\nprint({expression})"
        assert printed in run(label, Path(sys.executable), "-c", source)
    for label, command, printed in DELETIONS:
        assert printed in run(label, CLIENT, *command.split())

    every = sent.pop(f"{OAUTH}/IntrospectToken")
    assert every == {label for label, _, _ in DATASETS + KERNELS + DELETIONS}
    described = {name: set(entry.used_by) for name, entry in CALLS.items()}
    del described[f"{OAUTH}/IntrospectToken"]
    assert sent == described
    pulled = json.loads((tour.folder / "pulled/kernel-metadata.json").read_text())
    assert pulled["dataset_sources"] == ["alice/my-faces"]
    assert (tour.folder / "out/out.txt").exists()
    assert (tour.folder / "down/sub/b.txt").read_text() == "b"


def test_a_kernel_publishes_its_output(kaggle: Kaggle) -> None:
    source = """
import os, kagglehub
os.makedirs('made/sub')
open('made/sub/a.txt', 'w').write('made in a kernel')
print('I am', kagglehub.whoami()['username'])
kagglehub.dataset_upload('alice/from-kernel', 'made', version_notes='first')
"""
    kaggle.push("publish-it", source, enable_internet=True)
    assert kaggle.wait_for_end("publish-it") == "COMPLETE", kaggle.log("publish-it")
    assert "I am alice" in kaggle.printed("publish-it")
    assert "Can't use" not in json.dumps(kaggle.log("publish-it"))  # kagglehub's warnings
    until(lambda: kaggle.ok("datasets", "status", "alice/from-kernel") == "ready")
    stored = kaggle.root / "datasets/alice/from-kernel/versions/1/files/sub/a.txt"
    assert stored.read_text() == "made in a kernel"


def test_a_kernel_downloads_what_is_not_mounted(kaggle: Kaggle) -> None:
    kaggle.save_dataset("my-faces", {"a.txt": "a"})
    source = """
import kagglehub, os
print('it has', os.listdir(kagglehub.dataset_download('alice/my-faces')))
"""
    kaggle.push("read-it", source, enable_internet=True)
    assert kaggle.wait_for_end("read-it") == "COMPLETE", kaggle.log("read-it")
    assert "it has ['a.txt']" in kaggle.printed("read-it")
