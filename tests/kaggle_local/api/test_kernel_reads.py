import json
import re

from tests.support.stand_in import Kaggle, until


def test_output_and_log_of_a_run_are_returned(kaggle: Kaggle) -> None:
    source = (
        "import os\nos.makedirs('model')\nopen('model/w.bin', 'wb').write(bytes(9))\nprint('hi')"
    )
    output = kaggle.push("make-model", source)
    assert re.search(r"Kernel version 1 successfully pushed", output)
    assert kaggle.wait_for_end("make-model") == "COMPLETE"

    assert 'KernelWorkerStatus.COMPLETE"' in kaggle.ok("kernels", "status", "alice/make-model")
    assert "model/w.bin" in kaggle.ok("kernels", "files", "alice/make-model")
    kaggle.ok("kernels", "output", "alice/make-model", "-p", "out")
    assert (kaggle.folder / "out/model/w.bin").read_bytes() == bytes(9)
    log = json.loads((kaggle.folder / "out/make-model.log").read_text())
    assert [(e["stream_name"], e["data"]) for e in log if "kaggle_local" not in e["data"]] == [
        ("stdout", "hi\n")
    ]


def test_more_than_one_page_of_output_is_downloaded(kaggle: Kaggle) -> None:
    kaggle.push("make-many", "for i in range(45): open(f'{i}.txt', 'w').write(str(i))")
    assert kaggle.wait_for_end("make-many") == "COMPLETE"
    kaggle.ok("kernels", "output", "alice/make-many", "-p", "out")
    assert {path.name for path in (kaggle.folder / "out").glob("*.txt")} == {
        f"{i}.txt" for i in range(45)
    }


def test_a_failing_kernel_keeps_its_output(kaggle: Kaggle) -> None:
    kaggle.push("fail-late", "open('part.txt', 'w').write('x')\nraise SystemExit(3)")
    assert kaggle.wait_for_end("fail-late") == "ERROR"
    status = kaggle.ok("kernels", "status", "alice/fail-late")
    assert "exit status 3" in status
    kaggle.ok("kernels", "output", "alice/fail-late", "-p", "out")
    assert (kaggle.folder / "out/part.txt").read_text() == "x"


def test_a_kernel_that_runs_too_long_is_stopped(kaggle: Kaggle) -> None:
    kaggle.push("run-long", "open('part.txt', 'w')\nimport time\ntime.sleep(60)", "-t", "1")
    assert kaggle.wait_for_end("run-long") == "CANCEL_ACKNOWLEDGED"
    assert "part.txt" in kaggle.ok("kernels", "files", "alice/run-long")


def test_the_log_can_be_read_and_followed_while_the_kernel_runs(kaggle: Kaggle) -> None:
    go = kaggle.folder / "go"
    source = (
        f"import os, time\nprint('begun')\nwhile not os.path.exists({str(go)!r}): time.sleep(.05)"
    )
    kaggle.push("say-so", source + "\nprint('ended')")
    until(lambda: "begun" in kaggle.printed("say-so"))
    assert "RUNNING" in kaggle.ok("kernels", "status", "alice/say-so")
    go.touch()
    followed = kaggle.ok("kernels", "logs", "-f", "alice/say-so")
    assert followed.splitlines()[-2:] == ["begun", "ended"]


def test_quota_and_user_are_returned(kaggle: Kaggle) -> None:
    assert "30.00h" in kaggle.ok("quota")
    assert "- username: alice" in kaggle.ok("config", "view")
