"""Execute a notebook as Kaggle does, keeping every output, also those before an error.

Run inside the sandbox as `python notebook.py NOTEBOOK`; what cells print also goes to the log.
Leaves `__notebook__.ipynb` and `__results__.html` in the current folder.
"""

import sys
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbformat.warnings import MissingIDFieldWarning

EXECUTED, PAGE = "__notebook__.ipynb", "__results__.html"


class _Telling(NotebookClient):
    def output(self, outs: Any, msg: Any, display_id: str | None, cell_index: int) -> Any:
        content = msg["content"]
        if msg["msg_type"] == "stream":
            print(content["text"], end="", file=getattr(sys, content["name"]), flush=True)
        elif msg["msg_type"] == "error":
            print("\n".join(content["traceback"]), file=sys.stderr, flush=True)
        elif "text/plain" in content.get("data", {}):
            print(content["data"]["text/plain"], flush=True)
        return super().output(outs, msg, display_id, cell_index)


def main(source: Path) -> int:
    """Execute `source` in the current folder.

    Returns:
        0, or 1 where a cell failed.
    """
    # Notebooks of an older minor format have no cell ids; they run all the same.
    warnings.simplefilter("ignore", MissingIDFieldWarning)
    notebook: Any = nbformat.read(source, as_version=4)
    client = _Telling(notebook, timeout=None, kernel_name="python3", record_timing=False)
    # It warns that it speaks without encryption, over a loopback that is its own.
    client.extra_arguments = ["--log-level=ERROR"]
    try:
        client.execute()
    except CellExecutionError:
        return 1
    finally:
        nbformat.write(notebook, EXECUTED)
        _write_page(notebook)
    return 0


def _write_page(notebook: Any) -> None:
    try:
        page, _ = HTMLExporter().from_notebook_node(notebook)
    except Exception as error:  # whatever goes wrong with the page, the run itself is what counts
        print(f"kaggle_local: {PAGE} could not be made: {error}", file=sys.stderr)
    else:
        Path(PAGE).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
