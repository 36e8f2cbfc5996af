"""Fill the tables of the README, the docs and the model card from measured JSON files and code.

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

from colorization.data.photo_formats import FORMATS
from deepcolor.colorize.find_photos import FILM_FORMATS, FILMS, RESULT_SUFFIXES
from docs.build import markdown_tables, result_tables

ROOT = Path(__file__).parents[2]
BUILD = Path(__file__).parent
RESULTS = ROOT / "models" / "results.json"
PAGES = (
    "README.md",
    "docs/colorize.md",
    "docs/models.md",
    "docs/photos.md",
    "docs/serving.md",
    "models/MODEL_CARD.md",
)
TABLE = re.compile(r"(<!-- table (?P<name>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)

TABLES: dict[str, tuple[Path, Callable[[Any], str]]] = {
    "summary": (RESULTS, result_tables.summary),
    "results": (RESULTS, result_tables.results),
    "differences": (RESULTS, result_tables.differences),
    "translations": (RESULTS, result_tables.translations),
    "metrics": (RESULTS, result_tables.metrics),
    "tones": (RESULTS, result_tables.tones),
    "data-path": (BUILD / "data_path.json", markdown_tables.data_path),
    "networks": (BUILD / "networks.json", markdown_tables.networks),
    "runtimes": (BUILD / "runtimes.json", markdown_tables.runtimes),
    "data-size": (BUILD / "data_size.json", markdown_tables.data_size),
    "ablation": (BUILD / "ablation.json", markdown_tables.ablation),
    "generalization": (BUILD / "generalization.json", markdown_tables.generalization),
    "learning": (ROOT / "models" / "unet-history.json", markdown_tables.learning),
    "learning-fine": (ROOT / "models" / "unet-fine-history.json", markdown_tables.learning),
    "hints": (BUILD / "hints.json", markdown_tables.hints),
    "corrections": (BUILD / "corrections.json", markdown_tables.corrections),
    "old-film": (BUILD / "old_film.json", markdown_tables.old_film),
    "sizes": (BUILD / "sizes.json", markdown_tables.sizes),
    "upsampling": (BUILD / "upsampling.json", markdown_tables.upsampling),
    "strength": (BUILD / "strength.json", markdown_tables.strength),
    "against-paper": (BUILD / "against_paper.json", markdown_tables.against_paper),
}


FORMAT_NAMES = {"WEBP": "WebP", "PPM": "PNM", "JPEG2000": "JPEG 2000", "HEIF": "HEIC"}
FORMAT_NAMES |= {"JXL": "JPEG XL"}


def tabulate_formats() -> str:
    """Tabulate the formats of photos and films, and what their results are written as."""
    rows = ["| format | suffixes | result |", "| --- | --- | --- |"]
    for name in dict.fromkeys(form.pillow for form in FORMATS):
        forms = [form for form in FORMATS if form.pillow == name]
        suffixes = " ".join(form.suffix for form in forms)
        needs = f", with `pip install {forms[0].package}`" if forms[0].package else ""
        result = "the same" if forms[0].writable else RESULT_SUFFIXES[forms[0].suffix]
        if forms[0].writable and not forms[-1].writable:
            result += f"; {forms[-1].suffix} becomes {RESULT_SUFFIXES[forms[-1].suffix]}"
        rows.append(f"| {FORMAT_NAMES.get(name, name)}{needs} | {suffixes} | {result} |")
    written, others = sorted(FILM_FORMATS), sorted(FILMS - FILM_FORMATS)
    rows.append(f"| films, with the extra `video` | {' '.join(written)} | the same |")
    rows.append(f"| films, with the extra `video` | {' '.join(others)} | .mkv |")
    return "\n".join(rows)


def table(name: str) -> str:
    """Return one of `TABLES`, or "formats", as Markdown."""
    if name == "formats":
        return tabulate_formats()
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
