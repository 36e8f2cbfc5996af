from collections.abc import Callable

import pytest
from tests.support.stand_in import Kaggle

from kaggle_local.handles import Handle
from kaggle_local.state.store import stable_id

READ = "import pathlib\nprint(sorted(p.name for p in pathlib.Path(INPUT).rglob('*.txt')))"
INPUT = "import os\nINPUT = os.environ['KAGGLE_CACHE_MOUNT_FOLDER']\n"


def test_unknown_sources_are_named_and_the_kernel_runs_without_them(kaggle: Kaggle) -> None:
    kaggle.save_dataset("my-faces", {"a.txt": "a"})
    output = kaggle.push(
        "read-faces",
        INPUT + READ,
        dataset_sources=["alice/my-faces", "alice/absent"],
        kernel_sources=["alice/absent-too"],
    )
    assert (
        "not valid dataset sources and could not be added to the kernel: ['alice/absent']" in output
    )
    assert (
        "not valid kernel sources and could not be added to the kernel: ['alice/absent-too']"
        in output
    )
    assert kaggle.wait_for_end("read-faces") == "COMPLETE"
    assert kaggle.printed("read-faces") == "['a.txt']\n"


def test_a_kernel_mounts_the_last_successful_run_of_another(kaggle: Kaggle) -> None:
    kaggle.save("make-one", "open('good.txt', 'w').write('1')")
    assert kaggle.wait_for_end("make-one") == "COMPLETE"
    kaggle.save("make-one", "open('bad.txt', 'w').write('2')\n1/0")
    assert kaggle.wait_for_end("make-one") == "ERROR"
    kaggle.push("read-one", INPUT + READ, kernel_sources=["alice/make-one/2"])
    assert kaggle.wait_for_end("read-one") == "COMPLETE"
    assert kaggle.printed("read-one") == "['good.txt']\n"


def test_versions_count_up(kaggle: Kaggle) -> None:
    kaggle.push("count-up", "pass")
    assert "Kernel version 2" in kaggle.push("count-up", "pass")


def test_the_placeholder_owner_is_refused_with_advice(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("make-one", "pass", id="kaggle-username/make-one")
    assert "replace it with 'alice'" in kaggle.refused("kernels", "push", "-p", str(folder))


def test_a_title_that_does_not_match_the_id_is_refused(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("named-one", "pass", title="Another name")
    assert "make them agree" in kaggle.refused("kernels", "push", "-p", str(folder))


def test_a_refused_title_names_the_kernel_that_the_number_stands_for(kaggle: Kaggle) -> None:
    kaggle.save("numbered-one", "pass")
    number = stable_id("kernel", Handle("alice", "numbered-one"))
    folder = kaggle.kernel("other-one", "pass", id_no=number)
    assert f"'id_no' {number} is 'alice/numbered-one'" in kaggle.refused(
        "kernels", "push", "-p", str(folder)
    )


def test_somebody_elses_kernel_is_refused(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("bobs-one", "pass", id="bob/bobs-one")
    assert "Permission 'kernels.update' was denied" in kaggle.refused(
        "kernels", "push", "-p", str(folder)
    )


def test_an_id_without_owner_is_refused_with_advice(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("ownerless", "pass", id="ownerless")
    output = kaggle.refused("kernels", "push", "-p", str(folder))
    assert "such as 'alice/ownerless'" in output


def test_an_unsupported_language_is_refused(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("in-r-lang", "1", language="r")
    assert "'language' must be python" in kaggle.refused("kernels", "push", "-p", str(folder))


def test_a_notebook_that_names_no_kernel_is_refused(kaggle: Kaggle) -> None:
    source = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    folder = kaggle.kernel("no-kernel", source, kernel_type="notebook")
    assert "metadata.kernelspec.name" in kaggle.refused("kernels", "push", "-p", str(folder))


def test_an_unknown_machine_shape_is_refused(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("odd-shape", "pass", machine_shape="NvidiaTeslaT5")
    output = kaggle.refused("kernels", "push", "-p", str(folder))
    assert "NvidiaTeslaT4," in output and "received 'NvidiaTeslaT5'" in output


def test_a_dataset_that_is_not_ready_is_an_invalid_source(start: Callable[..., Kaggle]) -> None:
    kaggle = start(limits={"processing_seconds": 3600.0})
    kaggle.save_dataset("slow-data", {"a.txt": "a"})
    output = kaggle.push("read-slow", "pass", dataset_sources=["alice/slow-data"])
    assert "not valid dataset sources" in output


def test_a_named_version_of_a_dataset_is_mounted(kaggle: Kaggle) -> None:
    kaggle.save_dataset("two-ages", {"old.txt": "old"})
    folder = kaggle.dataset("two-ages", {"new.txt": "new"})
    kaggle.ok("datasets", "version", "-p", str(folder), "-m", "second")
    kaggle.save("read-old", INPUT + READ, datasetDataSources=["alice/two-ages/1"] * 2)
    assert kaggle.wait_for_end("read-old") == "COMPLETE"
    assert kaggle.printed("read-old") == "['old.txt']\n"


def test_a_quick_save_is_not_run(kaggle: Kaggle) -> None:
    # What client 2.2.5 sends for `push --no-run`.
    kaggle.save("only-save", "print(1)", kernelExecutionType="QUICK_SAVE")
    assert "NEW_SCRIPT" in kaggle.ok("kernels", "status", "alice/only-save")
    assert not kaggle.log("only-save")


@pytest.mark.parametrize("asked", [{"versionLabel": "v1"}, {"kernelSlug": "aged-one/1"}, {}])
def test_both_notations_of_a_version_are_accepted(kaggle: Kaggle, asked: dict[str, str]) -> None:
    if not (kaggle.root / "kernels/alice/aged-one").exists():
        for source in ("print('first')", "print('second')"):
            kaggle.save("aged-one", source)
            kaggle.wait_for_end("aged-one")
    body = {"userName": "alice", "kernelSlug": "aged-one"} | asked
    answer = kaggle.call("kernels.KernelsApiService/GetKernel", body).json()
    assert answer["blob"]["source"] == ("print('first')" if asked else "print('second')")
