"""Build answers.pdf from Markdown with placeholders, by pandoc and Typst.

    python -m answers.build            # write answers.pdf
    python -m answers.build --check    # fail if the file differs from its sources

The same sources give the same bytes on any machine: only the fonts that come with Typst are used,
and the file has no date.
"""

import shutil
from pathlib import Path
from typing import Annotated, Any

import pypandoc
import typer
import typst
from jinja2 import Environment, StrictUndefined

from answers import plots, values

HERE = Path(__file__).parent
ROOT = HERE.parent
PDF = ROOT / "answers.pdf"


def render(template: str, results: dict[str, Any]) -> str:
    """Fill placeholders such as `{{ histories.autoencoder.loss[-1] | fr(1) }}`.

    Raises:
        jinja2.UndefinedError: If a placeholder's name is unknown.
        FalseClaimError: If the condition of a `{{ claim(...) }}` does not hold.
    """
    # pandoc's {#identifiers} would start comments.
    environment = Environment(
        undefined=StrictUndefined, comment_start_string="<##", comment_end_string="##>",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"fr": values.french, "interval": values.interval}
    environment.globals["claim"] = values.claim
    text = environment.from_string(template).render(results)
    if false := values.false_claims(text):
        raise values.FalseClaimError("not true of these measurements:\n… " + "\n… ".join(false))
    return text


def to_typst(markdown: str, provisional: bool) -> str:
    """Convert Markdown to a Typst document."""
    options = ["--standalone", f"--template={HERE / 'template.typ'}"]
    # Above --columns, pandoc gives a table's columns relative widths; 500 keeps them natural.
    options += [f"--lua-filter={HERE / 'typography.lua'}", "--columns=500"]
    options += ["--metadata=provisional"] if provisional else []
    document: str = pypandoc.convert_text(
        markdown, "typst", format="markdown-smart", extra_args=options
    )
    return document


def build(scratch: Path) -> bytes:
    """Build the PDF; `scratch`, a folder for intermediate files, is replaced."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(HERE / "results", scratch)
    results = values.load(HERE / "results")
    plots.draw_all(results, scratch)
    markdown = render((HERE / "answers.md").read_text("utf-8"), results)
    source = scratch / "answers.typ"
    source.write_text(to_typst(markdown, results["about"]["provisional"]), "utf-8")
    fonts = typst.Fonts(include_system_fonts=False)
    return typst.compile(source, root=scratch, font_paths=fonts, timestamp=0)


def main(
    check: Annotated[bool, typer.Option("--check", help="Fail if the PDF is stale.")] = False,
) -> None:
    """Write answers.pdf, or check that it is current."""
    pdf = build(ROOT / "build" / "answers")
    if check:
        current = PDF.is_file() and PDF.read_bytes() == pdf
        print("answers.pdf is current" if current else "answers.pdf is stale: run make answers")
        raise typer.Exit(0 if current else 1)
    part = PDF.with_suffix(".part")
    part.write_bytes(pdf)
    part.replace(PDF)
    print(f"{PDF.name}: {len(pdf) / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)
