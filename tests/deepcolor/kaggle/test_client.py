"""The client against the stand-in, through a proxy that injects faults."""

import json
import os
import re
import subprocess
import sys
import time
from io import StringIO
from itertools import count

import pytest
from rich.console import Console
from tests.support.fault_proxy import Fault, FaultProxy

import kaggle_local
from deepcolor.chain.logs import follow_kernel
from deepcolor.chain.stage_line import StageLine
from deepcolor.kaggle.connect import local_environment, open_client
from deepcolor.kaggle.request_errors import KaggleError, MissingInputError, TransientError
from kaggle_local import Limits

ME = "local-kaggler"
NUMBERS = count()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A client, the proxy that it uses, and the environment of a stand-in behind that proxy."""
    state = tmp_path_factory.mktemp("service")
    endpoint = kaggle_local.connect(state, idle_exit=120)
    proxy = FaultProxy(state)
    environment = local_environment(endpoint) | {"http_proxy": proxy.url}
    yield open_client(environment, poll=0.5), proxy, environment
    proxy.close()
    kaggle_local.stop(state)


@pytest.fixture
def client(service):
    return service[0]


@pytest.fixture
def proxy(service):
    proxy = service[1]
    proxy.fault = None
    proxy.seen.clear()
    return proxy


@pytest.fixture
def connect(tmp_path):
    """Start a stand-in with limits of its own."""

    def begin(as_reported=False, **limits):
        endpoint = kaggle_local.connect(
            tmp_path / "state", limits=Limits(**limits), idle_exit=120, as_reported=as_reported
        )
        return open_client(local_environment(endpoint), poll=0.5)

    yield begin
    kaggle_local.stop(tmp_path / "state")


@pytest.fixture
def handle():
    """Name of a kernel and of a dataset that do not exist yet."""
    return f"{ME}/number-{next(NUMBERS)}"


def describe(folder, handle, **metadata):
    """The metadata that kernels and datasets share."""
    folder.mkdir()
    return {"id": handle, "title": handle.split("/")[1].replace("-", " ").title()} | metadata


@pytest.fixture
def kernel(tmp_path, handle):
    """Write a kernel's folder."""

    def write(source="print('hello')", id=handle, **metadata):
        folder = tmp_path / id.replace("/", "-")
        metadata = describe(folder, id, **metadata)
        metadata |= {"code_file": "main.py", "language": "python", "kernel_type": "script"}
        (folder / "main.py").write_text(source)
        (folder / "kernel-metadata.json").write_text(json.dumps(metadata))
        return folder

    return write


@pytest.fixture
def dataset(tmp_path, handle):
    """Write a dataset's folder."""

    def write(size=5, id=handle):
        folder = tmp_path / "dataset"
        metadata = describe(folder, id, licenses=[{"name": "CC0-1.0"}])
        (folder / "inner").mkdir()
        (folder / "a.json").write_text(json.dumps({"a": 1}))
        (folder / "b.bin").write_bytes(bytes(size))
        (folder / "empty.txt").write_text("")
        (folder / "inner" / "c.txt").write_text("world!")
        (folder / "dataset-metadata.json").write_text(json.dumps(metadata))
        return folder

    return write


def wait_for_end(client, kernel):
    while not (status := client.kernel_status(kernel)).final:
        time.sleep(0.1)
    return status


def test_a_push_refused_for_quota_says_when_it_is_renewed(connect, kernel):
    with pytest.raises(KaggleError, match=r"(?s)weekly GPU quota.*renewed on 2.*enable_gpu"):
        connect(gpu_hours=0.0).push(kernel(enable_gpu=True))


def test_a_push_refused_for_running_sessions_advises_to_wait(connect, kernel):
    client = connect(cpu_sessions=1)
    client.push(kernel("import time; time.sleep(60)"))
    with pytest.raises(KaggleError, match=r"(?s)session count of 1 reached.*wait for one to end"):
        client.push(kernel(id=f"{ME}/other-kernel"))


def test_an_input_that_kaggle_does_not_know_is_named(client, kernel):
    expected = rf"(?s)without an input.*{ME}/no-such-data.*Publish it first"
    with pytest.raises(MissingInputError, match=expected):
        client.push(kernel(dataset_sources=[f"{ME}/no-such-data"]))


def test_a_kernel_or_dataset_of_another_user_is_refused(client, kernel, dataset):
    for send in (
        lambda: client.push(kernel(id="alice/some-kernel")),
        lambda: client.upload_dataset(dataset(id="alice/some-data"), "", new=True),
    ):
        with pytest.raises(KaggleError, match=r"(?s)another user.*--owner") as refused:
            send()
        assert refused.value.status == 403


def test_what_does_not_exist_is_none(client, handle):
    assert client.dataset_version(handle) is None
    assert client.wait_until_ready(handle) is None
    assert client.kernel_source(handle) is None
    assert client.dataset_json(handle, "a.json") is None
    with pytest.raises(KaggleError, match=r"(?s)status 404.*check the owner"):
        client.kernel_status(handle)


def test_a_title_that_is_not_the_slug_is_explained(client, kernel):
    expected = r"(?s)status 409: the title '.*' gives the slug .*change the `title` or the `id`"
    with pytest.raises(KaggleError, match=expected):
        client.push(kernel(title="Something quite different"))


def test_metadata_that_the_package_refuses_are_explained(client, kernel):
    with pytest.raises(KaggleError, match=r"pushing \S+ failed: Title must be"):
        client.push(kernel(title="abc"))


def test_a_kernel_whose_time_is_up_was_canceled(connect, kernel, handle):
    client = connect(session_hours=1 / 3600)
    client.push(kernel("import time; time.sleep(60)"))
    assert wait_for_end(client, handle).state == "CANCEL_ACKNOWLEDGED"


def test_a_dataset_comes_back_as_it_was_uploaded(client, dataset, handle, tmp_path, capfd):
    folder = dataset()
    client.upload_dataset(folder, "first", new=True)
    assert client.wait_until_ready(handle) == 1
    client.upload_dataset(folder, "second", new=False)
    assert client.wait_until_ready(handle) == 2
    sizes = {"a.json": 8, "b.bin": 5, "empty.txt": 0, "inner/c.txt": 6}
    assert client.dataset_files(handle) == sizes
    assert client.dataset_json(handle, "a.json") == {"a": 1}
    assert client.dataset_json(handle, "absent.json") is None
    client.download_dataset(handle, tmp_path / "down")
    assert (tmp_path / "down" / "inner" / "c.txt").read_text() == "world!"
    assert capfd.readouterr() == ("", "")


def test_a_dataset_that_exists_cannot_be_created_again(client, dataset, handle):
    folder = dataset()
    client.upload_dataset(folder, "first", new=True)
    client.wait_until_ready(handle)
    with pytest.raises(KaggleError, match=rf"uploading dataset {handle} was refused: .*exists"):
        client.upload_dataset(folder, "again", new=True)


def test_output_comes_whole_or_by_pattern_with_its_log(client, kernel, handle, tmp_path):
    many = "for n in range(45): open(f'{n}.txt', 'w').write(str(n))\nprint('done')"
    client.push(kernel(many))
    wait_for_end(client, handle)
    assert "done" in client.download_output(handle, tmp_path / "all")
    assert len(list((tmp_path / "all").iterdir())) == 45
    client.download_output(handle, tmp_path / "few", r"^1\d\.txt$")
    assert len(list((tmp_path / "few").iterdir())) == 10


@pytest.mark.parametrize("kind", ["reset in the answer", "429"])
def test_a_log_is_followed_to_its_end_and_no_line_comes_twice(client, kernel, handle, proxy, kind):
    client.push(kernel("for n in range(5): print('line', n)"))
    wait_for_end(client, handle)
    proxy.fault = Fault(kind, "logs stream", times=2)
    lines = "".join(client.follow_log(handle)).splitlines()
    assert [line for line in lines if "line" in line] == [f"line {n}" for n in range(5)]
    assert proxy.fault.hits == 2


def test_a_log_that_ends_early_is_followed_again_without_haste(connect, kernel, handle, tmp_path):
    client, console = connect(as_reported=True), Console(file=StringIO(), width=80)
    version = client.push(
        kernel("import time\nfor n in range(9): print('line', n, flush=True); time.sleep(0.5)")
    )
    started, log = time.monotonic(), tmp_path / "kernel.log"
    with StageLine(console, "kernel") as line:
        assert follow_kernel(client, handle, line, log, version).state == "COMPLETE"
    seconds = time.monotonic() - started
    assert re.findall(r"line \d", log.read_text()) == [f"line {n}" for n in range(9)]
    asked = (tmp_path / "state" / "requests.jsonl").read_text()
    assert asked.count("logs/stream") > 2  # each connection is cut after a second
    assert asked.count("GetKernelSessionStatus") < 5 * seconds


def test_a_file_that_comes_as_a_zip_is_read(connect, dataset, handle, tmp_path):
    client = connect(as_reported=True)
    folder = dataset()
    (folder / "a.json").write_text(json.dumps({"a": "b" * 300}))
    client.upload_dataset(folder, "", new=True)
    while client.wait_until_ready(handle) is None:  # not visible yet
        client.retry.wait(1)
    assert client.dataset_json(handle, "a.json") == {"a": "b" * 300}
    assert "empty.txt" not in client.dataset_files(handle)


@pytest.mark.parametrize("kind", ["429", "500", "503", "refused", "reset before the answer"])
def test_a_question_is_repeated_when_a_transient_fault_hits_it(client, handle, proxy, kind):
    proxy.fault = Fault(kind, "GetDatasetStatus", times=3)
    assert client.dataset_version(handle) is None
    assert proxy.fault.hits == 3


def test_the_client_waits_as_long_as_the_service_asks(client, handle, proxy):
    proxy.fault = Fault("429", "GetDatasetStatus")  # with the header "Retry-After: 1"
    started = time.monotonic()
    client.dataset_version(handle)
    assert time.monotonic() - started > 1 > 2 * client.retry.delay


def test_any_number_of_too_many_requests_is_waited_out_and_told(client, handle, proxy, monkeypatch):
    told = []
    monkeypatch.setattr(client.retry, "tell", told.append)
    proxy.fault = Fault("429", "GetDatasetStatus", times=7)
    assert client.dataset_version(handle) is None
    assert proxy.fault.hits == 7
    assert "status 429" in told[0] and re.search(r"trying again in \d+ s$", told[-1])


def test_a_service_that_stays_down_is_given_up(client, handle, proxy):
    proxy.fault = Fault("500", "GetDatasetStatus", times=100)
    with pytest.raises(TransientError, match="reading the status of dataset .* status 500"):
        client.dataset_version(handle)


@pytest.mark.parametrize("kind", ["429", "500", "reset before the answer"])
def test_a_request_that_changes_something_is_sent_once(client, kernel, proxy, kind):
    proxy.fault = Fault(kind, "SaveKernel")
    with pytest.raises(TransientError, match="pushing"):
        client.push(kernel())
    assert proxy.seen["SaveKernel"] == 1


@pytest.mark.parametrize("kind", ["reset in the request", "reset before the answer", "503"])
def test_an_upload_is_resumed_where_the_connection_broke(client, dataset, handle, proxy, kind):
    proxy.fault = Fault(kind, "PUT upload", first=2)  # the file b.bin
    client.upload_dataset(dataset(size=3_000_000), "", new=True)
    client.wait_until_ready(handle)
    assert proxy.fault.hits == 1
    assert client.dataset_files(handle)["b.bin"] == 3_000_000


def test_an_upload_that_the_service_holds_whole_is_not_sent_again(client, dataset, proxy):
    proxy.fault = Fault("reset before the answer", "PUT upload", first=2)
    before = proxy.moved
    client.upload_dataset(dataset(size=3_000_000), "", new=True)
    assert proxy.moved - before < 3_100_000


@pytest.mark.parametrize(("call", "sent"), [("CreateDataset", 0), ("PUT upload", 3_000_000)])
def test_a_failed_upload_is_resumed_by_the_next_client(service, dataset, handle, proxy, call, sent):
    folder = dataset(size=3_000_000)
    first = 2 if call == "PUT upload" else 1
    proxy.fault = Fault("503" if call == "PUT upload" else "500", call, first=first, times=6)
    with pytest.raises(TransientError, match="uploading"):
        service[0].upload_dataset(folder, "", new=True)
    proxy.fault, before = None, proxy.moved
    client = open_client(service[2], poll=0.5)
    client.upload_dataset(folder, "", new=True)
    assert sent <= proxy.moved - before < sent + 100_000
    client.wait_until_ready(handle)
    assert client.dataset_files(handle)["b.bin"] == 3_000_000
    assert not list(folder.parent.glob("*.uploads.json"))


def test_an_upload_that_has_expired_is_started_anew(client, dataset, handle):
    folder = dataset()
    file = folder / "b.bin"
    key = f"local b.bin {file.stat().st_size} {file.stat().st_mtime_ns}"
    expired = {key: ["expired", "http://localhost/upload/expired"]}
    folder.with_name(f"{folder.name}.uploads.json").write_text(json.dumps(expired))
    client.upload_dataset(folder, "", new=True)
    client.wait_until_ready(handle)
    assert client.dataset_files(handle)["b.bin"] == 5


@pytest.mark.parametrize("kind", ["short answer", "reset in the answer"])
def test_half_a_download_is_repeated(client, dataset, handle, proxy, tmp_path, kind):
    client.upload_dataset(dataset(size=50_000), "", new=True)
    client.wait_until_ready(handle)
    for call in ("GET files", "ListDatasetFiles"):
        proxy.seen.clear()
        proxy.fault = Fault(kind, call)
        client.download_dataset(handle, tmp_path / "down")
        assert proxy.fault.hits == 1
        assert (tmp_path / "down" / "b.bin").read_bytes() == bytes(50_000)


def test_clients_of_two_services_do_not_mix(client, dataset, handle, tmp_path):
    other = kaggle_local.connect(tmp_path / "other", user="bob", idle_exit=120)
    try:
        bob = open_client(local_environment(other), poll=0.5)
        client.upload_dataset(dataset(), "", new=True)
        assert (client.username, bob.username) == (ME, "bob")
        assert client.wait_until_ready(handle) == 1
        assert bob.dataset_version(handle) is None
    finally:
        kaggle_local.stop(tmp_path / "other")


@pytest.mark.parametrize("token", ["", "wrong"])
def test_nobody_is_authenticated_without_a_valid_token(service, tmp_path, token):
    environment = service[2] | {"HOME": str(tmp_path), "KAGGLE_API_TOKEN": token}
    with pytest.raises(KaggleError, match=r"(?s)authenticat.*Create an API token"):
        open_client(environment, poll=0.5)


def test_the_package_is_imported_in_the_environment_of_the_service_alone(service, tmp_path):
    """Importing `kaggle` authenticates: it must not happen with the user's own credentials."""
    program = """
import json, os, sys
import deepcolor.chain.run
from deepcolor.kaggle.connect import open_client
assert "kaggle" not in sys.modules
before = dict(os.environ)
open_client(json.loads(sys.argv[1]), poll=0.5)
assert "kaggle" in sys.modules and dict(os.environ) == before
"""
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(service[2])],
        env=os.environ | {"KAGGLE_API_TOKEN": "my own"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
