"""The client against the stand-in, through a proxy that injects faults."""

import json
import time

import pytest
from tests.support.fault_proxy import Fault, FaultProxy

import kaggle_local
from deepcolor.kaggle.connect import local_environment, open_client
from deepcolor.kaggle.errors import KaggleError, MissingInputError, TransientError
from kaggle_local import Limits

ME = "local-kaggler"
KERNEL = f"{ME}/some-kernel"
DATASET = f"{ME}/some-data"


@pytest.fixture
def proxy(tmp_path):
    proxy = FaultProxy(tmp_path / "state")
    yield proxy
    proxy.close()


@pytest.fixture
def connect(tmp_path, proxy):
    """Start a stand-in with limits of its own, and a client that reaches it through the proxy."""

    def begin(**limits):
        endpoint = kaggle_local.connect(tmp_path / "state", limits=Limits(**limits), idle_exit=120)
        return open_client(local_environment(endpoint) | {"http_proxy": proxy.url}, poll=0.5)

    yield begin
    kaggle_local.stop(tmp_path / "state")


@pytest.fixture
def kernel(tmp_path):
    """Write a kernel's folder."""

    def write(source="print('hello')", **metadata):
        folder = tmp_path / "kernel"
        folder.mkdir(exist_ok=True)
        (folder / "main.py").write_text(source)
        metadata = {"id": KERNEL, "title": "Some kernel"} | metadata
        metadata |= {"code_file": "main.py", "language": "python", "kernel_type": "script"}
        (folder / "kernel-metadata.json").write_text(json.dumps(metadata))
        return folder

    return write


@pytest.fixture
def dataset(tmp_path):
    """Write a dataset's folder."""

    def write(size=5, **metadata):
        folder = tmp_path / "dataset"
        (folder / "inner").mkdir(parents=True, exist_ok=True)
        (folder / "a.json").write_text(json.dumps({"a": 1}))
        (folder / "b.bin").write_bytes(bytes(size))
        (folder / "empty.txt").write_text("")
        (folder / "inner" / "c.txt").write_text("world!")
        metadata = {"id": DATASET, "title": "Some data"} | metadata
        metadata |= {"licenses": [{"name": "CC0-1.0"}]}
        (folder / "dataset-metadata.json").write_text(json.dumps(metadata))
        return folder

    return write


def wait_for_end(client):
    while not (status := client.kernel_status(KERNEL)).final:
        time.sleep(0.1)
    return status


def test_a_push_refused_for_quota_says_when_it_is_renewed(connect, kernel):
    with pytest.raises(KaggleError, match=r"(?s)weekly GPU quota.*renewed on 2.*enable_gpu"):
        connect(gpu_hours=0.0).push(kernel(enable_gpu=True))


def test_a_push_refused_for_running_sessions_advises_to_wait(connect, kernel):
    client = connect(cpu_sessions=1)
    client.push(kernel("import time; time.sleep(60)"))
    with pytest.raises(KaggleError, match=r"(?s)session count of 1 reached.*wait for one to end"):
        client.push(kernel(id=f"{ME}/other-kernel", title="Other kernel"))


def test_an_input_that_kaggle_does_not_know_is_named(connect, kernel):
    expected = rf"(?s)without an input.*{ME}/no-such-data.*Publish it first"
    with pytest.raises(MissingInputError, match=expected):
        connect().push(kernel(dataset_sources=[f"{ME}/no-such-data"]))


def test_a_kernel_or_dataset_of_another_user_is_refused(connect, kernel, dataset):
    client = connect()
    with pytest.raises(KaggleError, match=r"(?s)another user.*--owner"):
        client.push(kernel(id="alice/some-kernel"))
    with pytest.raises(KaggleError, match=r"(?s)another user.*--owner") as refused:
        client.upload_dataset(dataset(id="alice/some-data"), "", new=True)
    assert refused.value.status == 403


def test_what_does_not_exist_is_none(connect, dataset):
    client = connect()
    assert client.dataset_version(DATASET) is None
    assert client.wait_until_ready(DATASET) is None
    assert client.kernel_source(KERNEL) is None
    assert client.dataset_json(DATASET, "a.json") is None
    with pytest.raises(KaggleError, match=r"(?s)status 404.*check the owner"):
        client.kernel_status(KERNEL)


def test_a_title_that_is_not_the_slug_is_explained(connect, kernel):
    with pytest.raises(KaggleError, match=r"(?s)status 409.*change the `title` or the `id`"):
        connect().push(kernel(title="Something quite different"))


def test_metadata_that_the_package_refuses_is_explained(connect, kernel):
    with pytest.raises(KaggleError, match="pushing kernel failed: Title must be"):
        connect().push(kernel(title="abc"))


def test_a_kernel_whose_time_is_up_was_canceled(connect, kernel):
    client = connect(session_hours=1 / 3600)
    client.push(kernel("import time; time.sleep(60)"))
    assert wait_for_end(client).state == "CANCEL_ACKNOWLEDGED"


def test_a_dataset_comes_back_as_it_was_uploaded(connect, dataset, tmp_path, capfd):
    client = connect()
    client.upload_dataset(dataset(), "first", new=True)
    assert client.wait_until_ready(DATASET) == 1
    client.upload_dataset(dataset(), "second", new=False)
    assert client.wait_until_ready(DATASET) == 2
    sizes = {"a.json": 8, "b.bin": 5, "empty.txt": 0, "inner/c.txt": 6}
    assert client.dataset_files(DATASET) == sizes
    assert client.dataset_json(DATASET, "a.json") == {"a": 1}
    assert client.dataset_json(DATASET, "absent.json") is None
    client.download_dataset(DATASET, tmp_path / "down")
    assert (tmp_path / "down" / "inner" / "c.txt").read_text() == "world!"
    assert capfd.readouterr() == ("", "")


def test_a_dataset_that_exists_cannot_be_created_again(connect, dataset):
    client = connect()
    client.upload_dataset(dataset(), "first", new=True)
    client.wait_until_ready(DATASET)
    with pytest.raises(KaggleError, match=r"uploading dataset \S+ was refused: .*already exists"):
        client.upload_dataset(dataset(), "again", new=True)


def test_output_comes_whole_or_by_pattern_with_its_log(connect, kernel, tmp_path):
    client = connect()
    many = "for n in range(45): open(f'{n}.txt', 'w').write(str(n))\nprint('done')"
    client.push(kernel(many))
    wait_for_end(client)
    assert "done" in client.download_output(KERNEL, tmp_path / "all")
    assert len(list((tmp_path / "all").iterdir())) == 45
    client.download_output(KERNEL, tmp_path / "few", r"^1\d\.txt$")
    assert len(list((tmp_path / "few").iterdir())) == 10


@pytest.mark.parametrize("kind", ["reset in the answer", "429"])
def test_a_log_is_followed_to_its_end_and_no_line_comes_twice(connect, kernel, proxy, kind):
    client = connect()
    client.push(kernel("for n in range(5): print('line', n)"))
    wait_for_end(client)
    proxy.fault = Fault(kind, "logs stream", times=2)
    lines = "".join(client.follow_log(KERNEL)).splitlines()
    assert [line for line in lines if "line" in line] == [f"line {n}" for n in range(5)]
    assert proxy.fault.hits == 2


@pytest.mark.parametrize("kind", ["429", "500", "503", "refused", "reset before the answer"])
def test_a_question_is_repeated_when_a_transient_fault_hits_it(connect, proxy, kind):
    client = connect()
    proxy.fault = Fault(kind, "GetDatasetStatus", times=3)
    assert client.dataset_version(DATASET) is None
    assert proxy.fault.hits == 3


def test_the_service_says_how_long_to_wait(connect, proxy):
    client = connect()
    proxy.fault = Fault("429", "GetDatasetStatus")  # its header says: retry after a second
    started = time.monotonic()
    client.dataset_version(DATASET)
    assert time.monotonic() - started > 1 > 5 * client.retry.delay


def test_a_service_that_stays_down_is_given_up(connect, proxy):
    client = connect()
    proxy.fault = Fault("500", "GetDatasetStatus", times=100)
    with pytest.raises(TransientError, match="reading the status of dataset .* status 500"):
        client.dataset_version(DATASET)


@pytest.mark.parametrize("kind", ["429", "500", "reset before the answer"])
def test_what_changes_something_is_sent_once(connect, kernel, proxy, kind):
    client = connect()
    proxy.fault = Fault(kind, "SaveKernel")
    with pytest.raises(TransientError):
        client.push(kernel())
    assert proxy.seen["SaveKernel"] == 1


@pytest.mark.parametrize(
    "kind", ["reset in the request", "reset before the answer", "503", "server killed before"]
)
def test_an_upload_goes_on_where_the_connection_broke(connect, dataset, proxy, kind):
    client = connect()
    proxy.fault = Fault(kind, "PUT upload", first=2)  # the file b.bin
    client.upload_dataset(dataset(size=3_000_000), "", new=True)
    client.wait_until_ready(DATASET)
    assert proxy.fault.hits == 1
    assert client.dataset_files(DATASET)["b.bin"] == 3_000_000


def test_what_the_service_holds_already_is_not_sent_again(connect, dataset, proxy):
    client = connect()
    proxy.fault = Fault("reset before the answer", "PUT upload", first=2)
    client.upload_dataset(dataset(size=3_000_000), "", new=True)
    assert proxy.moved < 3_100_000


@pytest.mark.parametrize("kind", ["short answer", "reset in the answer"])
@pytest.mark.parametrize("call", ["GET files", "DownloadDataset", "ListDatasetFiles"])
def test_half_a_download_is_repeated(connect, dataset, proxy, tmp_path, kind, call):
    client = connect()
    client.upload_dataset(dataset(size=50_000), "", new=True)
    client.wait_until_ready(DATASET)
    proxy.fault = Fault(kind, call, first=proxy.seen[call] + 1)
    client.download_dataset(DATASET, tmp_path / "down")
    assert (tmp_path / "down" / "b.bin").read_bytes() == bytes(50_000)


def test_two_clients_of_two_services_do_not_meet(connect, dataset, tmp_path):
    first = connect()
    other = kaggle_local.connect(tmp_path / "other", user="bob", idle_exit=120)
    try:
        second = open_client(local_environment(other), poll=0.5)
        first.upload_dataset(dataset(), "", new=True)
        assert (first.username, second.username) == (ME, "bob")
        assert first.wait_until_ready(DATASET) == 1
        assert second.dataset_version(DATASET) is None
    finally:
        kaggle_local.stop(tmp_path / "other")


@pytest.mark.parametrize("token", [None, "wrong"])
def test_nobody_is_authenticated_without_a_valid_token(tmp_path, token):
    environment = local_environment(kaggle_local.connect(tmp_path / "state", idle_exit=120))
    environment |= {"HOME": str(tmp_path), "KAGGLE_API_TOKEN": token or ""}
    with pytest.raises(KaggleError, match=r"(?s)nobody is authenticated.*Create an API token"):
        open_client(environment, poll=0.5)
    kaggle_local.stop(tmp_path / "state")
