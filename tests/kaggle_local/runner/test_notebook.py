import json
from typing import Any

from tests.support.stand_in import Kaggle


def notebook(*cells: str) -> str:
    def cell(source: str) -> dict[str, Any]:
        return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []} | {
            "execution_count": None
        }

    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return json.dumps(
        {
            "cells": [cell(c) for c in cells],
            "metadata": metadata,
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    )


def test_an_executed_notebook_is_stored_with_its_outputs(kaggle: Kaggle) -> None:
    source = notebook("print('from a cell')", "6 * 7")
    kaggle.push("my-report", source, kernel_type="notebook")
    assert kaggle.wait_for_end("my-report") == "COMPLETE"
    assert "from a cell\n" in kaggle.printed("my-report")
    kaggle.ok("kernels", "output", "alice/my-report", "-p", "out")
    executed = json.loads((kaggle.folder / "out/__notebook__.ipynb").read_text())
    assert executed["cells"][1]["outputs"][0]["data"]["text/plain"] == ["42"]
    page = (kaggle.folder / "out/__results__.html").read_text()
    assert "from a cell" in page and '<script src="http' not in page


def test_a_failing_cell_ends_the_run_and_keeps_earlier_outputs(kaggle: Kaggle) -> None:
    source = notebook("print('before')\nopen('made.txt', 'w')", "1 / 0", "print('after')")
    kaggle.push("bad-report", source, kernel_type="notebook")
    assert kaggle.wait_for_end("bad-report") == "ERROR"
    log = "".join(entry["data"] for entry in kaggle.log("bad-report"))
    assert "ZeroDivisionError" in log
    assert "after" not in log
    kaggle.ok("kernels", "output", "alice/bad-report", "-p", "out")
    executed = json.loads((kaggle.folder / "out/__notebook__.ipynb").read_text())
    assert executed["cells"][0]["outputs"][0]["text"] == ["before\n"]
    assert (kaggle.folder / "out/made.txt").exists()
