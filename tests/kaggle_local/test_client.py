import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.stand_in import KAGGLE, Kaggle, is_alive, until

import kaggle_local
from kaggle_local import BadState, FolderInUse, PortInUse


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    kaggle_local.stop(tmp_path / "state")


def serve(root: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kaggle_local", "--root", str(root), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def test_connecting_twice_gives_the_same_server(root: Path) -> None:
    assert kaggle_local.connect(root) == kaggle_local.connect(root)


def test_simultaneous_connects_start_one_server(root: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        endpoints = list(pool.map(lambda _: kaggle_local.connect(root), range(4)))
    assert len(set(endpoints)) == 1


def test_a_server_that_was_killed_is_replaced(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    kaggle.save_dataset("still-here", {"a.txt": "a"})
    token = kaggle.token
    kaggle.kill()

    kaggle = start()

    assert kaggle.token == token
    assert "a.txt" in kaggle.ok("datasets", "files", "alice/still-here")


def test_a_server_of_another_user_is_not_reused(root: Path) -> None:
    kaggle_local.connect(root, user="alice")
    with pytest.raises(FolderInUse, match="has user alice, not bob"):
        kaggle_local.connect(root, user="bob")


def test_a_port_in_use_gives_a_clear_error(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} on 127.0.0.1 cannot be used"):
            kaggle_local.connect(root, port=port)
        done = serve(root, "--port", str(port))
    assert done.returncode == 2
    assert re.fullmatch(r"kaggle_local: port \d+ on 127.0.0.1 cannot be used: .*\n", done.stderr)


def test_two_servers_cannot_share_a_folder(root: Path) -> None:
    endpoint = kaggle_local.connect(root)
    done = serve(root)
    assert done.returncode == 3
    assert done.stderr == f"kaggle_local: another server already uses {root}\n"
    assert kaggle_local.connect(root) == endpoint


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BadState, match="holds other files"):
        kaggle_local.connect(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_damaged_folder_is_refused_by_name(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    kaggle.save("some-run", "pass")
    kaggle.wait_for_end("some-run")
    kaggle.kill()
    session = kaggle.version("some-run") / "session.json"
    session.write_text("{")
    with pytest.raises(BadState, match=re.escape(str(session))):
        start()


def test_a_start_removes_unfinished_folders(start: Callable[..., Kaggle]) -> None:
    kaggle = start()
    kaggle.save_dataset("whole-one", {"a.txt": "a"})
    kaggle.kill()
    versions = kaggle.root / "datasets/alice/whole-one/versions"
    shutil.copytree(versions / "1", versions / ".unfinished-0")
    kaggle.folder.joinpath("state/kernels/alice/half/versions/.unfinished-1/src").mkdir(
        parents=True
    )

    kaggle = start()

    assert [path.name for path in versions.iterdir()] == ["1"]
    assert kaggle.ok("kernels", "list", "-m").strip() == "Not found"


def test_the_environment_has_no_real_credentials(root: Path) -> None:
    endpoint = kaggle_local.connect(root)
    base = {
        "PATH": "/bin",
        "KAGGLE_USERNAME": "me",
        "KAGGLE_KEY": "secret",
        "NO_PROXY": "localhost",
    }
    environment = endpoint.environment(base | {"KAGGLE_API_V1_TOKEN": "x", "all_proxy": "y"})
    token = json.loads((root / "kaggle-local.json").read_text())["token"]
    assert environment == {
        "PATH": "/bin",
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "KAGGLE_API_TOKEN": token,
        "KAGGLE_CONFIG_DIR": str(root / "client/config"),
        "TMPDIR": str(root / "client/tmp"),
        "http_proxy": endpoint.url,
        "HTTP_PROXY": endpoint.url,
        "no_proxy": "127.0.0.1,::1",
        "NO_PROXY": "127.0.0.1,::1",
    }


def test_real_credentials_in_the_home_are_never_sent(kaggle: Kaggle) -> None:
    home = kaggle.folder / "home/.kaggle"
    home.mkdir(parents=True)
    (home / "kaggle.json").write_text('{"username": "me", "key": "real-secret"}')
    (home / "access_token").write_text("real-secret")
    assert "- username: alice" in kaggle.ok("config", "view")
    assert not [entry for entry in kaggle.requests() if entry["status"] == 401]


def test_an_idle_server_exits(root: Path) -> None:
    kaggle_local.connect(root, idle_exit=0.5)
    pid = json.loads((root / "server.json").read_text())["pid"]
    until(lambda: not is_alive(pid))
    assert not (root / "server.json").exists()


@pytest.mark.slow
def test_a_server_with_a_running_kernel_does_not_exit(start: Callable[..., Kaggle]) -> None:
    kaggle = start(idle_exit=0.5)
    kaggle.save("run-on", "import time\ntime.sleep(2)")
    assert kaggle.wait_for_end("run-on") == "COMPLETE"
    until(lambda: not (kaggle.root / "server.json").exists())


def test_stop_returns_whether_a_server_was_running(root: Path) -> None:
    assert not kaggle_local.stop(root)
    kaggle_local.connect(root)
    assert kaggle_local.stop(root)
    assert not kaggle_local.stop(root)


def test_the_foreground_server_prints_what_to_export(root: Path) -> None:
    command = [sys.executable, "-m", "kaggle_local", "--root", str(root), "--user", "carol"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        exports = ""
        while not (line := server.stdout.readline()).startswith("#"):
            exports += line
        script = f"{exports}{KAGGLE} config view"
        shown = subprocess.run(
            ["sh", "-c", script], capture_output=True, text=True, env={"HOME": str(root.parent)}
        )
        server.terminate()
        assert server.wait() == 0
    assert "- username: carol" in shown.stdout


@pytest.mark.parametrize("user", ["Alice", "a b", "../x", ""])
def test_an_invalid_user_name_is_refused(tmp_path: Path, user: str) -> None:
    done = serve(tmp_path / "state", "--user", user)
    assert done.returncode == 2
    assert "a user name has" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"user": "Alice"}, "a user name has lower-case letters"),
        ({"layout": "old"}, "`layout` must be 2026 or legacy, received 'old'"),
    ],
)
def test_invalid_settings_start_no_server(
    tmp_path: Path, options: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        kaggle_local.connect(tmp_path / "state", **options)
    assert not (tmp_path / "state").exists()


def test_the_first_steps_of_the_readme_work(kaggle: Kaggle) -> None:
    readme = Path(kaggle_local.__file__).with_name("README.md").read_text()
    code = readme.split("```python\n")[1].split("```")[0]
    environment = {"PATH": f"{KAGGLE.parent}:/usr/bin:/bin", "HOME": str(kaggle.folder)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=kaggle.folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "30.00h" in done.stdout
