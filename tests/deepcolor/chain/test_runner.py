"""The chain on a project of three small kernels: what is repeated, what is not, what is refused."""

import os
import signal
import subprocess
import time

import pytest
from rich.console import Console
from tests.support.chain_checks import USER as OWNER
from tests.support.chain_checks import count_incomplete_versions, find_errors, versions
from tests.support.fault_trials import ROOT, Bench
from tests.support.tiny_project import write_project

import kaggle_local
from deepcolor.chain.runner import Chain
from deepcolor.chain.staging import stage_chain
from deepcolor.kaggle.connect import local_environment, open_client
from deepcolor.kaggle.request_errors import KaggleError


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("bench"))
    write_project(bench.project, bench.proxy.url, 1)
    assert bench.run() == ("finished", "")
    yield bench
    bench.close()


def count(bench):
    """How many versions everything has: what a run adds is what it did."""
    kernels = bench.state / "kernels" / OWNER
    runs = {k.name: len(list((k / "versions").iterdir())) for k in kernels.iterdir()}
    datasets = (bench.state / "datasets" / OWNER).iterdir()
    return runs | {d.name: len(versions(bench.state, d.name)) for d in datasets}


def added(bench, before):
    return {name for name, number in count(bench).items() if number != before.get(name, 0)}


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_every_output_is_published_whole(bench):
    assert find_errors(bench.state, bench.project, 1) == []
    assert count_incomplete_versions(bench.state) == 0


def test_what_the_kernel_publishes_does_not_pass_through_the_driver(bench):
    output = bench.project / "build" / "local" / "outputs" / "make"
    assert (output / "manifest.json").is_file() and not list(output.rglob("*.tfrecord"))
    log = (bench.project / "build" / "local" / "logs" / "make.log").read_text()
    assert "published" in log


def test_a_second_run_sends_nothing(bench):
    before = count(bench)
    bench.proxy.seen.clear()
    assert bench.run() == ("finished", "")
    assert not added(bench, before)
    assert not {"SaveKernel", "StartBlobUpload", "PUT upload"} & set(bench.proxy.seen)


@pytest.mark.parametrize(
    ("file", "old", "new", "repeated"),
    [
        ("kernels/report/report.py", "print(", "print('', ", {"tiny-report"}),
        ("kernels/use/use.py", "number: int = 1", "number: int = 7", {"use", "results", "report"}),
        ("photos/0.png", "", "", {"make", "records", "use", "results", "report"}),
    ],
    ids=("code", "configuration", "input"),
)
def test_a_stage_is_repeated_exactly_when_what_it_is_made_of_changed(
    bench, file, old, new, repeated
):
    before = count(bench)
    if old:
        edit(bench.project / file, old, new)
    else:
        (bench.project / file).unlink()
    assert bench.run() == ("finished", "")
    changed = {name.removeprefix("tiny-") for name in added(bench, before)}
    assert changed - {"deep-colorization-photos"} == {
        name.removeprefix("tiny-") for name in repeated
    }


def test_a_kernel_that_fails_is_reported_with_the_end_of_its_log(bench):
    use = bench.project / "kernels" / "use" / "use.py"
    text = use.read_text()
    use.write_text(text + "\nraise RuntimeError('broken on purpose')\n")
    ended, message = bench.run()
    use.write_text(text)
    assert ended == "failed"
    assert "tiny-use ended in state ERROR" in message
    assert "RuntimeError: broken on purpose" in message.split("The end of its log")[1]
    before = count(bench)
    assert bench.run() == ("finished", "")
    assert not added(bench, before) & {"tiny-make", "tiny-records"}


def test_more_files_than_a_kernel_uploads_one_by_one_do_not_pass_through_the_driver(bench):
    make = bench.project / "kernels" / "make" / "make.py"
    text = make.read_text()
    make.write_text(text.replace("range(3)", "range(60)").replace("part::3", "part::60"))
    before = count(bench)["tiny-records"]
    ended = bench.run()
    make.write_text(text)
    assert ended == ("finished", "")
    newest = versions(bench.state, "tiny-records")[-1] / "files"
    assert count(bench)["tiny-records"] == before + 1
    assert len(list((newest / "archive" / "parts").iterdir())) == 60
    assert [path.name for path in newest.iterdir()] == ["archive"]


def test_a_stale_input_is_refused_by_name(bench):
    edit(bench.project / "kernels/make/make.py", "part::3", "part::4")
    stage_chain(bench.project, bench.project / "build", OWNER, [bench.project / "photos"])
    client = open_client(local_environment(kaggle_local.connect(bench.state)), poll=1)
    client.push(bench.project / "build" / "kernels" / "use")  # before the records are made anew
    while not (status := client.kernel_status(f"{OWNER}/tiny-use")).final:
        time.sleep(0.1)
    log = client.download_output(f"{OWNER}/tiny-use", bench.project / "stale")
    assert status.state == "ERROR"
    assert "tiny-records is not the version that use was staged for" in log


def test_photos_that_kaggle_does_not_know_are_named_when_the_kernel_is_pushed(bench):
    photos = f"{OWNER}/no-such-photos"
    staged = stage_chain(bench.project, bench.project / "build", OWNER, [photos])
    client = open_client(local_environment(kaggle_local.connect(bench.state)), poll=1)
    chain = Chain(client, staged, bench.project / "build" / "local", Console())
    with pytest.raises(KaggleError, match=rf"(?s)without an input.*{photos}.*Publish it first"):
        chain.run()


def test_ctrl_c_leaves_a_usable_state_and_says_how_to_continue(bench):
    edit(
        bench.project / "kernels/use/use.py",
        "run.finish",
        "__import__('time').sleep(3)\nrun.finish",
    )
    driver = subprocess.Popen(
        bench.command(),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        process_group=0,
    )
    before = count(bench)["tiny-use"]
    deadline = time.monotonic() + 60
    while count(bench)["tiny-use"] == before:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(driver.pid, signal.SIGINT)  # as the terminal does
    _, errors = driver.communicate(timeout=60)
    assert driver.returncode == 130, errors
    assert "run the same command again to continue" in errors and "Traceback" not in errors
    assert bench.run() == ("finished", "")
    assert count(bench)["tiny-use"] == before + 1
