"""The evaluation as a page that a person can open: tables and figures in one HTML file."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

Results = Mapping[str, Any]

# Name in `results.json`, heading, digits.
COLUMNS = (
    ("ab_mse", "ab MSE ↓", 1),
    ("psnr", "PSNR (dB) ↑", 2),
    ("ssim", "SSIM ↑", 3),
    ("ciede2000", "CIEDE2000 ↓", 2),
    ("auc", "AuC (%) ↑", 1),
    ("auc_rebalanced", "AuC rebalanced (%) ↑", 1),
    ("colorfulness_ratio", "colorfulness ÷ truth → 1", 2),
    ("js_divergence", "JS of ab histograms ↓", 3),
)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Deep Colorization: evaluation</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; color: #2b2b2b; background: #fff;
         max-width: 68rem; margin: 2rem auto; padding: 0 1rem }}
  table {{ border-collapse: collapse; display: block; overflow-x: auto; margin: 1rem 0 }}
  th, td {{ padding: .35rem .7rem; text-align: right; border-bottom: 1px solid #ddd }}
  th:first-child, td:first-child {{ text-align: left }}
  td small {{ color: #767676; display: block; white-space: nowrap }}
  img {{ max-width: 100%; height: auto }}
  figure {{ margin: 1.5rem 0 }}
</style>
<h1>Deep Colorization: evaluation</h1>
{body}
</html>
"""


def html_report(results: Results, figures: Mapping[str, Path]) -> str:
    """Write the whole evaluation as one HTML page that needs no other file.

    Args:
        results: Content of `results.json`.
        figures: PNG files by their captions.

    Returns:
        The page.
    """
    sections = [_html_section(results, name) for name in results["sets"]]
    pictures = [_html_figure(caption, path) for caption, path in figures.items()]
    note = (
        "<p>Mean over photos; below it the 95 % bootstrap interval. Arrows show what is better.</p>"
    )
    return PAGE.format(body="\n".join([note, *sections, *pictures]))


def _html_section(results: Results, name: str) -> str:
    about = results["sets"][name]
    heading = f"<h2>{escape(name)}: {about['photos']} photos, {escape(about['what'])}</h2>"
    parts = [heading, html_table(results["scores"][name])]
    for group, scores in results["groups"][name].items():
        count = about["groups"][group]
        parts += [f"<h3>{escape(name)}, {escape(group)}: {count} photos</h3>", html_table(scores)]
    return "\n".join(parts)


def html_table(scores: Mapping[str, Any]) -> str:
    """Return the metrics of every model as an HTML table.

    Args:
        scores: Summaries by model, as in `results.json`.
    """
    head = "".join(f"<th>{escape(heading)}</th>" for _, heading, _ in COLUMNS)
    rows = [
        "<tr><td>" + escape(model) + "</td>" + "".join(_html_cell(s, *c) for c in COLUMNS) + "</tr>"
        for model, s in scores.items()
    ]
    return f"<table><tr><th>model</th>{head}</tr>{''.join(rows)}</table>"


def _html_cell(scores: Mapping[str, Mapping[str, float]], name: str, _: str, digits: int) -> str:
    mean, low, high = (f"{scores[name][key]:.{digits}f}" for key in ("mean", "low", "high"))
    return f"<td>{mean}<small>{low}–{high}</small></td>"


def _html_figure(caption: str, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def metrics_table(
    results: Results,
    photo_set: str,
    columns: Sequence[tuple[str, str, int]] = COLUMNS,
    names: Mapping[str, str] | None = None,
) -> str:
    """Return the metrics of every model on one set as a Markdown table, mean [95 % interval].

    Args:
        results: Content of `results.json`.
        photo_set: Name of the set.
        columns: Name in `results.json`, heading and digits of each column.
        names: What to call models instead of their names.
    """
    head = "| | " + " | ".join(heading for _, heading, _ in columns) + " |"
    rule = "|---|" + "---:|" * len(columns)
    names = names or {}
    rows = [
        f"| {names.get(model, model)} | "
        + " | ".join(_cell(scores, *column) for column in columns)
        + " |"
        for model, scores in results["scores"][photo_set].items()
    ]
    return "\n".join([head, rule, *rows])


def _cell(scores: Mapping[str, Mapping[str, float]], name: str, _: str, digits: int) -> str:
    mean, low, high = (f"{scores[name][key]:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"
