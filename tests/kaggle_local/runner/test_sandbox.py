import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.stand_in import Kaggle

from kaggle_local.handles import Handle
from kaggle_local.runner.isolation import Isolation, launch, probe
from kaggle_local.runner.sandbox import Input, ServerAccess, make_job
from kaggle_local.settings import Layout
from kaggle_local.state.kernels import Kernels, Push, SessionState
from kaggle_local.state.store import Store

NONE = Isolation(mount=False, pid=False, net=False)
PUSH = Push("A title", "script", True, False, "", "", 60.0, [], [], [], "", [])


@pytest.fixture(scope="module")
def isolation(tmp_path_factory: pytest.TempPathFactory) -> Isolation:
    return probe(tmp_path_factory.mktemp("probe"))


@pytest.fixture
def mounts(isolation: Isolation) -> None:
    if not isolation.mount:
        pytest.skip("this system has no mount namespaces")


def look(kaggle: Kaggle, name: str, source: str, **metadata: Any) -> Any:
    """Run a kernel that assigns `seen` and return that value."""
    kaggle.save(name, f"{source}\nimport json\nprint(json.dumps(seen))", **metadata)
    assert kaggle.wait_for_end(name) == "COMPLETE", kaggle.log(name)
    return json.loads(kaggle.printed(name))


@pytest.mark.usefixtures("mounts")
def test_a_kernel_has_the_folders_of_kaggle(kaggle: Kaggle) -> None:
    source = (
        "import os, sys\nseen = [os.getcwd(), __file__, sys.argv, sorted(os.listdir('/kaggle'))]"
    )
    *seen, folders = look(kaggle, "where-am-i", source)
    assert seen == ["/kaggle/working", "/kaggle/src/script.py", ["/kaggle/src/script.py"]]
    assert sorted(folders) == ["input", "src", "working"]


@pytest.mark.usefixtures("mounts")
def test_inputs_are_mounted_by_owner_and_kind(kaggle: Kaggle) -> None:
    kaggle.save_dataset("in-data", {"a.txt": "a"})
    kaggle.save("in-kernel", "open('b.txt', 'w')")
    kaggle.wait_for_end("in-kernel")
    seen = look(
        kaggle,
        "read-both",
        "import glob\nseen = sorted(glob.glob('/kaggle/input/**/*.txt', recursive=True))",
        datasetDataSources=["alice/in-data"],
        kernelDataSources=["alice/in-kernel"],
    )
    assert seen == [
        "/kaggle/input/datasets/alice/in-data/a.txt",
        "/kaggle/input/notebooks/alice/in-kernel/b.txt",
    ]


@pytest.mark.usefixtures("mounts")
def test_the_legacy_layout_can_be_chosen(start: Callable[..., Kaggle]) -> None:
    kaggle = start(layout="legacy")
    kaggle.save_dataset("in-data", {"a.txt": "a"})
    source = "import glob\nseen = glob.glob('/kaggle/input/**/*.txt', recursive=True)"
    seen = look(kaggle, "read-old", source, datasetDataSources=["alice/in-data"])
    assert seen == ["/kaggle/input/in-data/a.txt"]


@pytest.mark.usefixtures("mounts")
def test_inputs_and_source_cannot_be_changed(kaggle: Kaggle) -> None:
    kaggle.save_dataset("kept-data", {"a.txt": "a"})
    source = """
import os
seen = []
place = '/kaggle/input/datasets/alice/kept-data/'
for act in (
    lambda: open(place + 'a.txt', 'a'), lambda: open(place + 'new', 'w'),
    lambda: os.chmod(place + 'a.txt', 0o666), lambda: os.unlink(place + 'a.txt'),
    lambda: open(__file__, 'a'), lambda: os.mkdir('/kaggle/input/new'),
):
    try:
        act()
        seen.append('done')
    except OSError as error:
        seen.append(error.strerror)
"""
    seen = look(kaggle, "change-data", source, datasetDataSources=["alice/kept-data"])
    assert "done" not in seen
    stored = kaggle.root / "datasets/alice/kept-data/versions/1/files"
    assert [path.name for path in stored.iterdir()] == ["a.txt"]


def test_only_the_pushed_text_reaches_the_kernel(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("only-text", "import os\nprint(os.listdir(os.path.dirname(__file__)))")
    (folder / "neighbor.py").write_text("")
    kaggle.ok("kernels", "push", "-p", str(folder))
    assert kaggle.wait_for_end("only-text") == "COMPLETE"
    assert kaggle.printed("only-text") == "['script.py']\n"


def test_without_internet_a_kernel_gets_neither_network_nor_token(
    kaggle: Kaggle, isolation: Isolation
) -> None:
    source = f"""
import os, socket
seen = [name for name in os.environ if name.startswith('KAGGLE_API')]
try:
    socket.create_connection(('127.0.0.1', {kaggle.endpoint.url.rpartition(":")[2]}), 2).close()
    seen.append('connected')
except OSError:
    pass
"""
    seen = look(kaggle, "cut-off", source)
    assert seen == ([] if isolation.net else ["connected"])
    output = "".join(entry["data"] for entry in kaggle.log("cut-off"))
    assert ("cannot cut off the network" in output) is not isolation.net


def test_a_kernel_sees_little_of_the_servers_environment(
    start: Callable[..., Kaggle], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "KAGGLE_KEY", "PYTHONPATH", "TF_TOKEN_app"):
        monkeypatch.setenv(name, "/secret")
    kaggle = start()
    seen = look(kaggle, "look-around", "import os\nseen = dict(os.environ)", enableInternet=True)
    assert "/secret" not in seen.values()
    assert seen["KAGGLE_KERNEL_RUN_TYPE"] == "Batch"
    assert seen["KAGGLE_API_TOKEN"] == kaggle.token
    assert Path(seen["HOME"]).is_relative_to(kaggle.root / "scratch")


def test_other_servers_of_the_machine_are_reached_directly(kaggle: Kaggle) -> None:
    source = """
import http.server, threading, urllib.request, urllib.error
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_response(299)
        self.end_headers()
other = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=other.serve_forever, daemon=True).start()
seen = [urllib.request.urlopen(f"http://127.0.0.1:{other.server_port}/").status]
try:
    urllib.request.urlopen(f"http://localhost:{other.server_port}/")
except urllib.error.HTTPError as error:
    seen.append(error.read().decode())
"""
    status, refusal = look(kaggle, "other-server", source, enableInternet=True)
    assert status == 299 and "reach that one as 127.0.0.1:" in refusal


def test_packages_that_come_with_the_stand_in_are_hidden(kaggle: Kaggle) -> None:
    source = """
import subprocess, sys
from importlib.util import find_spec
names = ("kaggle_local", "deepcolor", "colorization", "flask")
seen = [name for name in names if find_spec(name)]
open("kaggle_local.py", "w").write("")
sys.path.insert(0, ".")
seen.append(find_spec("kaggle_local") is not None)
command = [sys.executable, "-c", "import colorization"]
seen.append(subprocess.run(command, capture_output=True).returncode)
"""
    assert look(kaggle, "hidden-packages", source) == ["flask", True, 1]


def test_the_log_mentions_a_requested_accelerator(kaggle: Kaggle) -> None:
    kaggle.save("ask-gpu", "pass", machineShape="NvidiaTeslaT4")
    kaggle.wait_for_end("ask-gpu")
    assert "requests NvidiaTeslaT4" in kaggle.log("ask-gpu")[0]["data"]


@pytest.fixture
def bare(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run a source as on a system without namespaces."""
    store = Store(tmp_path / "state")
    store.open()
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.txt").write_text("a")
    inputs = [Input("datasets", Handle("alice", "faces"), 1, tmp_path / "data")]

    def run(source: str, layout: Layout) -> "subprocess.CompletedProcess[str]":
        version = Kernels(store).add_version(
            Handle("alice", "bare"), PUSH, source, SessionState.QUEUED
        )
        scratch = store.scratch / "one"
        scratch.mkdir()
        server = ServerAccess("http://127.0.0.1:1", "token")
        with launch(make_job(version, inputs, layout, NONE, scratch, server)) as process:
            assert process.stdout and process.stderr
            stdout, stderr = process.stdout.read().decode(), process.stderr.read().decode()
        return subprocess.CompletedProcess([], process.returncode, stdout, stderr)

    return run


@pytest.mark.parametrize(
    ("layout", "place"), [(Layout.BY_OWNER, "datasets/alice/faces"), (Layout.LEGACY, "faces")]
)
def test_without_namespaces_a_variable_names_the_input_folder(
    bare: Callable[..., Any], layout: Layout, place: str
) -> None:
    source = f"""
import os
root = os.environ['KAGGLE_CACHE_MOUNT_FOLDER']
print(open(root + '/{place}/a.txt').read(), os.listdir('.'))
open('made.txt', 'w')
"""
    done = bare(source, layout)
    assert (done.returncode, done.stdout) == (0, "a []\n"), done.stderr


def test_without_namespaces_background_processes_end_too(bare: Callable[..., Any]) -> None:
    source = """
import subprocess
left = subprocess.Popen(['sleep', '60'], start_new_session=True, stdout=subprocess.DEVNULL)
print(left.pid)
"""
    done = bare(source, Layout.BY_OWNER)
    assert not Path(f"/proc/{done.stdout.strip()}").exists()
