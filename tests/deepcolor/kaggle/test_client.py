"""What the chain is told when Kaggle refuses: said by the stand-in, passed on by the client."""

import json
import time

import pytest

import kaggle_local
from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.connect import local_environment
from deepcolor.kaggle.errors import KaggleError, TransientError, explained
from kaggle_local import Limits

ME = "local-kaggler"


@pytest.fixture
def connect(tmp_path):
    """Start a stand-in with limits of its own."""

    def begin(**limits):
        endpoint = kaggle_local.connect(tmp_path / "state", limits=Limits(**limits), idle_exit=120)
        return KaggleClient(local_environment(endpoint), poll=0.5)

    yield begin
    kaggle_local.stop(tmp_path / "state")


@pytest.fixture
def kernel(tmp_path):
    """Write a kernel's folder."""

    def write(source="print('hello')", **metadata):
        folder = tmp_path / "kernel"
        folder.mkdir(exist_ok=True)
        (folder / "main.py").write_text(source)
        metadata = {"id": f"{ME}/some-kernel", "title": "Some kernel"} | metadata
        metadata |= {"code_file": "main.py", "language": "python", "kernel_type": "script"}
        (folder / "kernel-metadata.json").write_text(json.dumps(metadata))
        return folder

    return write


@pytest.fixture
def dataset(tmp_path):
    """Write a dataset's folder."""

    def write(**metadata):
        folder = tmp_path / "dataset"
        (folder / "inner").mkdir(parents=True, exist_ok=True)
        (folder / "a.txt").write_text("hello")
        (folder / "inner" / "b.txt").write_text("world!")
        metadata = {"id": f"{ME}/some-data", "title": "Some data"} | metadata
        metadata |= {"licenses": [{"name": "CC0-1.0"}]}
        (folder / "dataset-metadata.json").write_text(json.dumps(metadata))
        return folder

    return write


def test_an_exhausted_quota_says_when_and_what_instead(connect, kernel):
    with pytest.raises(KaggleError, match=r"(?s)weekly GPU quota.*kaggle quota.*enable_gpu"):
        connect(gpu_hours=0.0).push(kernel(enable_gpu=True))


def test_too_many_sessions_say_so(connect, kernel):
    kaggle = connect(cpu_sessions=1)
    kaggle.push(kernel("import time; time.sleep(60)"))
    with pytest.raises(KaggleError, match=r"(?s)session count of 1 reached.*wait for one to end"):
        kaggle.push(kernel(id=f"{ME}/other-kernel", title="Other kernel"))


def test_an_unknown_source_is_no_success(connect, kernel):
    with pytest.raises(KaggleError, match=r"(?s)without an input.*no-such.*publish it first"):
        connect().push(kernel(dataset_sources=[f"{ME}/no-such-data"]))


def test_another_persons_handles_are_told_apart_from_absent_ones(connect, kernel, dataset):
    kaggle = connect()
    with pytest.raises(KaggleError, match=r"(?s)somebody else.*--owner"):
        kaggle.push(kernel(id="alice/some-kernel"))
    with pytest.raises(KaggleError, match="somebody else"):
        kaggle.upload("alice/some-data", dataset(id="alice/some-data"), "", new=True)
    assert kaggle.dataset_version(f"{ME}/some-data") is None
    assert kaggle.kernel_text(f"{ME}/some-kernel") is None


def test_a_title_that_is_not_the_slug_is_explained(connect, kernel):
    with pytest.raises(KaggleError, match="make them agree"):
        connect().push(kernel(title="Something quite different"))


def test_a_kernel_whose_time_is_up_was_cancelled(connect, kernel):
    kaggle = connect(session_hours=1 / 3600)
    kaggle.push(kernel("import time; time.sleep(60)"))
    while not (status := kaggle.status(f"{ME}/some-kernel")).final:
        time.sleep(0.1)
    assert status.state == "CANCEL_ACKNOWLEDGED"


def test_a_dataset_goes_there_and_back_and_is_known(connect, dataset, tmp_path):
    kaggle = connect()
    handle = f"{ME}/some-data"
    kaggle.upload(handle, dataset(), "first", new=True)
    assert kaggle.wait_until_ready(handle) == 1
    kaggle.upload(handle, dataset(), "second", new=False)
    assert kaggle.wait_until_ready(handle) == 2
    assert kaggle.dataset_files(handle) == {"a.txt": 5, "inner/b.txt": 6}
    assert kaggle.dataset_file(handle, "a.txt") == "hello"
    assert kaggle.dataset_file(handle, "absent.txt") is None
    kaggle.download(handle, tmp_path / "down")
    assert (tmp_path / "down" / "inner" / "b.txt").read_text() == "world!"


def test_output_comes_whole_or_by_pattern_with_its_log(connect, kernel, tmp_path):
    kaggle = connect()
    many = "for n in range(45): open(f'{n}.txt', 'w').write(str(n))\nprint('done')"
    kaggle.push(kernel(many))
    while not kaggle.status(f"{ME}/some-kernel").final:
        time.sleep(0.1)
    kaggle.output(f"{ME}/some-kernel", tmp_path / "all")
    assert len(list((tmp_path / "all").glob("*.txt"))) == 45
    kaggle.output(f"{ME}/some-kernel", tmp_path / "few", r"^1\d\.txt$")
    assert len(list((tmp_path / "few").glob("*.txt"))) == 10
    assert "done" in (tmp_path / "few" / "some-kernel.log").read_text()


def test_nobody_is_authenticated_without_a_token(connect, tmp_path):
    kaggle = connect()
    del kaggle.environment["KAGGLE_API_TOKEN"]
    kaggle.environment["HOME"] = str(tmp_path)
    with pytest.raises(KaggleError, match="Create an API token"):
        kaggle.username()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("429 Client Error: Too Many Requests for url", TransientError),
        ("503 Server Error: Service Unavailable", TransientError),
        ("ConnectionResetError(104, 'Connection reset by peer')", TransientError),
        ("requests.exceptions.ReadTimeout: Read timed out.", TransientError),
        ("json.decoder.JSONDecodeError: Expecting value", TransientError),
        ("we are overloaded, come back later", TransientError),
        ("", TransientError),
        ("400 Client Error: the slug is invalid", KaggleError),
        ("ValueError: Kernel title must be at least 5 characters", KaggleError),
    ],
)
def test_only_what_may_pass_is_tried_again(said, kind):
    assert type(explained("asking", said)) is kind
