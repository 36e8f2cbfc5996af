"""Execute a notebook as Kaggle does and keep all outputs, even after an error.

The runner starts this file in the sandbox as `python notebook.py NOTEBOOK`.
"""

import re
import sys
import warnings
from pathlib import Path
from typing import Any

import nbformat
import typer
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbformat.warnings import MissingIDFieldWarning

# The page shows everything without them but mathematics, which stays as it is written.
REMOTE_SCRIPT = re.compile(r'<script src="https?://[^"]*">\s*</script>')
EXECUTED, PAGE = "__notebook__.ipynb", "__results__.html"
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class _PrintingClient(NotebookClient):
    def output(self, outs: Any, msg: Any, display_id: str | None, cell_index: int) -> Any:
        content = msg["content"]
        if msg["msg_type"] == "stream":
            print(content["text"], end="", file=getattr(sys, content["name"]), flush=True)
        elif msg["msg_type"] == "error":
            print("\n".join(content["traceback"]), file=sys.stderr, flush=True)
        elif "text/plain" in content.get("data", {}):
            print(content["data"]["text/plain"], flush=True)
        return super().output(outs, msg, display_id, cell_index)


@app.command()
def main(source: Path) -> None:
    """Execute a notebook in the current folder; exit with 1 if a cell fails.

    It prints the outputs of the cells and writes `__notebook__.ipynb` and `__results__.html`, a
    page that loads no script from elsewhere.
    """
    # Notebooks of an older minor format have no cell ids, which is no problem.
    warnings.simplefilter("ignore", MissingIDFieldWarning)
    notebook: Any = nbformat.read(source, as_version=4)
    client = _PrintingClient(notebook, timeout=None, kernel_name="python3", record_timing=False)
    # The kernel warns about unencrypted traffic, which stays on this loopback.
    client.extra_arguments = ["--log-level=ERROR"]
    try:
        client.execute()
    except CellExecutionError as error:
        raise typer.Exit(1) from error
    finally:
        nbformat.write(notebook, EXECUTED)
        _write_page(notebook)


def _write_page(notebook: Any) -> None:
    try:
        page, _ = HTMLExporter().from_notebook_node(notebook)
    except Exception as error:  # a failed page must not fail the run
        print(f"kaggle_local: {PAGE} could not be written: {error}", file=sys.stderr)
    else:
        Path(PAGE).write_text(REMOTE_SCRIPT.sub("", page), encoding="utf-8")


if __name__ == "__main__":
    app()
