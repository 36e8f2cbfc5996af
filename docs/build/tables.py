"""Fill the tables of the README, the docs and the model card from measured JSON files.

    python -m docs.build.tables            # rewrite the pages
    python -m docs.build.tables --check    # fail if a page differs from the measurements

A table is what lies between `<!-- table NAME -->` and `<!-- end -->`; it is overwritten.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from docs.build import markdown_tables

ROOT = Path(__file__).parents[2]
BUILD = Path(__file__).parent
RESULTS = ROOT / "models" / "results.json"
PAGES = ("README.md", "docs/models.md", "docs/photos.md", "models/MODEL_CARD.md")
TABLE = re.compile(r"(<!-- table (?P<name>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)

TABLES: dict[str, tuple[Path, Callable[[Any], str]]] = {
    "summary": (RESULTS, markdown_tables.summary),
    "results": (RESULTS, markdown_tables.results),
    "differences": (RESULTS, markdown_tables.differences),
    "metrics": (RESULTS, markdown_tables.metrics),
    "tones": (RESULTS, markdown_tables.tones),
    "data-path": (BUILD / "data_path.json", markdown_tables.data_path),
    "networks": (BUILD / "networks.json", markdown_tables.networks),
    "data-size": (BUILD / "data_size.json", markdown_tables.data_size),
    "generalization": (BUILD / "generalization.json", markdown_tables.generalization),
    "learning": (ROOT / "models" / "unet-history.json", markdown_tables.learning),
    "strength": (BUILD / "strength.json", markdown_tables.strength),
    "against-paper": (BUILD / "against_paper.json", markdown_tables.against_paper),
}


def table(name: str) -> str:
    """Return one of `TABLES` as Markdown."""
    file, write = TABLES[name]
    return write(json.loads(file.read_text("utf-8")))


def fill_tables(page: str) -> str:
    """Return the text of a page with its tables as they are measured."""
    return TABLE.sub(lambda match: f"{match[1]}{table(match['name'])}\n{match[3]}", page)


def main(
    check: Annotated[bool, typer.Option("--check", help="Fail if a page differs.")] = False,
) -> None:
    """Rewrite the pages whose tables differ from the measurements."""
    stale = []
    for page in (ROOT / name for name in PAGES):
        text = page.read_text("utf-8")
        if (filled := fill_tables(text)) != text:
            stale.append(page.name)
            if not check:
                page.write_text(filled, "utf-8")
    if check and stale:
        print(f"tables differ in {', '.join(stale)}; run python -m docs.build.tables")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
