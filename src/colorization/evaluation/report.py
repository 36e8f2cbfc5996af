"""Tables of an evaluation, in Markdown and as one HTML page with its figures."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

Results = Mapping[str, Any]
ARROWS = {"lower": "↓", "higher": "↑", "one": "→ 1"}


class Metric(NamedTuple):
    """How a metric is shown in tables."""

    name: str  # key in `results.json`
    label: str
    digits: int
    better: str  # "lower", "higher" or "one", the closest to 1

    @property
    def heading(self) -> str:
        """The label with an arrow toward what is better."""
        return f"{self.label} {ARROWS[self.better]}"


METRICS = (
    Metric("ab_mse", "ab MSE", 1, "lower"),
    Metric("ab_rmse", "ab RMSE", 2, "lower"),
    Metric("psnr", "PSNR, dB", 2, "higher"),
    Metric("ssim", "SSIM", 3, "higher"),
    Metric("ciede2000", "CIEDE2000", 2, "lower"),
    Metric("auc", "AuC, %", 1, "higher"),
    Metric("auc_rebalanced", "AuC rebalanced, %", 1, "higher"),
    Metric("colorfulness_ratio", "colorfulness ÷ truth", 2, "one"),
    Metric("js_divergence", "JS of ab", 3, "lower"),
    Metric("blotches", "blotches, ab", 2, "lower"),
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
    """Return the evaluation as one HTML page, with PNG files embedded by their captions."""
    sections = [_html_section(results, name) for name in results["sets"]]
    pictures = [_html_figure(caption, path) for caption, path in figures.items()]
    note = (
        "<p>Mean over photos; below it the 95 % bootstrap interval. "
        "Arrows point to better values.</p>"
    )
    return PAGE.format(body="\n".join([note, *sections, *pictures]))


def _html_section(results: Results, name: str) -> str:
    photos = results["sets"][name]
    heading = f"<h2>{escape(name)}: {photos['photos']} photos, {escape(photos['what'])}</h2>"
    parts = [heading, _html_table(results["scores"][name])]
    for group, scores in results["groups"][name].items():
        count = photos["groups"][group]
        parts += [f"<h3>{escape(name)}, {escape(group)}: {count} photos</h3>", _html_table(scores)]
    return "\n".join(parts)


def _html_table(scores: Mapping[str, Any]) -> str:
    head = "".join(f"<th>{escape(metric.heading)}</th>" for metric in METRICS)
    rows = [
        f"<tr><td>{escape(model)}</td>"
        + "".join(_html_cell(summary[metric.name], metric.digits) for metric in METRICS)
        + "</tr>"
        for model, summary in scores.items()
    ]
    return f"<table><tr><th>model</th>{head}</tr>{''.join(rows)}</table>"


def _html_cell(value: Mapping[str, float], digits: int) -> str:
    mean, low, high = (f"{value[key]:.{digits}f}" for key in ("mean", "low", "high"))
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
    columns: Sequence[Metric] = METRICS,
    names: Mapping[str, str] | None = None,
) -> str:
    """Return the metrics of every model on one set as a Markdown table, mean [95 % interval].

    `results` is the content of `results.json`, `names` are other names for models.
    """
    head = "| | " + " | ".join(metric.heading for metric in columns) + " |"
    rule = "|---|" + "---:|" * len(columns)
    names = names or {}
    rows = [
        f"| {names.get(model, model)} | "
        + " | ".join(format_interval(scores[metric.name], metric.digits) for metric in columns)
        + " |"
        for model, scores in results["scores"][photo_set].items()
    ]
    return "\n".join([head, rule, *rows])


def format_interval(value: Mapping[str, float], digits: int) -> str:
    """Return "mean [low, high]" of a summarized metric."""
    mean, low, high = (f"{value[key]:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"
