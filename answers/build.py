"""Make answers.pdf: Markdown with named numbers, by way of pandoc and Typst.

    python -m answers.build            # write answers.pdf
    python -m answers.build --check    # fail if the file there is not what this would write

The same sources give the same bytes on any machine: fonts are those that come with Typst, and
nothing is dated.
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


def rendered(text: str, known: dict[str, Any]) -> str:
    """Put numbers into a text.

    Args:
        text: Markdown with `{{ histories.autoencoder.loss[-1] | fr(1) }}` and the like.
        known: What `values.load` returns.

    Returns:
        Markdown.

    Raises:
        jinja2.UndefinedError: If a name is not known.
        FalseClaimError: If sentences marked by `{{ claim(...) }}` are not true; it names all.
    """
    # pandoc's {#identifiers} would be comments.
    environment = Environment(
        undefined=StrictUndefined, comment_start_string="<##", comment_end_string="##>",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"fr": values.french, "interval": values.interval}
    environment.globals["claim"] = values.claim
    done = environment.from_string(text).render(known)
    if false := values.unproven(done):
        raise values.FalseClaimError("not true of these measurements:\n… " + "\n… ".join(false))
    return done


def typst_of(markdown: str, provisional: bool) -> str:
    """Turn Markdown into a Typst document."""
    options = ["--standalone", f"--template={HERE / 'template.typ'}"]
    # Tables' columns are as wide as their content, however long their lines are.
    options += [f"--lua-filter={HERE / 'typography.lua'}", "--columns=500"]
    options += ["--metadata=provisional"] if provisional else []
    document: str = pypandoc.convert_text(
        markdown, "typst", format="markdown-smart", extra_args=options
    )
    return document


def build(scratch: Path) -> bytes:
    """Make the PDF.

    Args:
        scratch: Folder for what lies between; replaced.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(HERE / "results", scratch)
    known = values.load(HERE / "results")
    plots.draw_all(known, scratch)
    markdown = rendered((HERE / "answers.md").read_text("utf-8"), known)
    source = scratch / "answers.typ"
    source.write_text(typst_of(markdown, known["about"]["provisional"]), "utf-8")
    fonts = typst.Fonts(include_system_fonts=False)
    return typst.compile(source, root=scratch, font_paths=fonts, timestamp=0)


def main(
    check: Annotated[bool, typer.Option("--check", help="Only check the file.")] = False,
) -> None:
    """Write answers.pdf, or check it."""
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
