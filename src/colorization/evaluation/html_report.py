"""An evaluation as one HTML page without other files."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from colorization.evaluation.charts import bar_chart, learning_curve
from colorization.evaluation.gallery import GRAY, TRUTH, Column, Gallery
from colorization.evaluation.predictors import BASELINES
from colorization.evaluation.report import METRICS, Metric, Results
from colorization.evaluation.report_page import PAGE

TITLES = {"best": "best", "median": "middle", "worst": "worst"}
History = Mapping[str, Sequence[float]]


class Extras(NamedTuple):
    """What a report shows beside the results."""

    galleries: Mapping[str, Gallery]  # by set
    histories: Mapping[str, History]  # of the trainings, by network
    provenance: Mapping[str, str]  # such as "date" and "code"


def html_report(results: Results, extras: Extras) -> str:
    """Return the page: provenance, learning curves, and a section for each set."""
    sections = {f"set-{index}": name for index, name in enumerate(results["sets"])}
    contents = dict(sections)
    body = [_set_section(key, name, results, extras) for key, name in sections.items()]
    if extras.histories:
        contents["training"] = "Learning curves"
        body.append(_training_section(extras.histories))
    links = "".join(f'<li><a href="#{key}">{escape(t)}</a></li>' for key, t in contents.items())
    return PAGE.substitute(
        provenance=_provenance(extras.provenance), contents=links, body="\n".join(body)
    )


def _provenance(facts: Mapping[str, str]) -> str:
    return "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items()
    )


def _set_section(key: str, name: str, results: Results, extras: Extras) -> str:
    described, scores = results["sets"][name], results["scores"][name]
    errors = {model: summary["ab_mse"] for model, summary in scores.items()}
    baseline = min(BASELINES, key=lambda model: errors[model]["mean"])
    parts = [
        f'<section id="{key}"><h2>{escape(name)}</h2>',
        f"<p>{described['photos']} photos: {escape(described['what'])}.</p>",
        bar_chart(
            errors,
            "Mean squared error of ab, with its 95 % interval; shorter is better.",
            (baseline, errors[baseline]["mean"]),
        ),
        _table(scores),
        *_group_tables(name, results),
        _gallery(extras.galleries[name]),
        "</section>",
    ]
    return "\n".join(parts)


def _group_tables(name: str, results: Results) -> list[str]:
    return [
        f"<details><summary>{escape(group)}: {results['sets'][name]['groups'][group]} photos"
        f"</summary>{_table(scores)}</details>"
        for group, scores in results["groups"][name].items()
    ]


def _table(scores: Mapping[str, Any]) -> str:
    head = "".join(f"<th>{escape(metric.heading)}</th>" for metric in METRICS)
    best = {metric: _best(scores, metric) for metric in METRICS}
    rows = "".join(
        f'<tr><th scope="row">{escape(model)}</th>'
        + "".join(_cell(summary[m.name], m.digits, model == best[m]) for m in METRICS)
        + "</tr>"
        for model, summary in scores.items()
    )
    return (
        f'<div class="table"><table><tr><td></td>{head}</tr>{rows}</table></div>'
        "<p class=note>Each number is the mean over the photos, above its 95 % bootstrap interval. "
        "Arrows point to better values, and the best of a column is bold.</p>"
    )


def _best(scores: Mapping[str, Any], metric: Metric) -> str:
    def badness(model: str) -> float:
        mean = scores[model][metric.name]["mean"]
        return float({"lower": mean, "higher": -mean, "one": abs(mean - 1)}[metric.better])

    return min(scores, key=badness)


def _cell(value: Mapping[str, float], digits: int, bold: bool) -> str:
    mean, low, high = (f"{value[key]:.{digits}f}" for key in ("mean", "low", "high"))
    mean = f"<b>{mean}</b>" if bold else mean
    return f"<td>{mean}<small>{low}–{high}</small></td>"


def _gallery(gallery: Gallery) -> str:
    ranked_by, columns = gallery
    head = "".join(f"<th>{TITLES[column.kind]}</th>" for column in columns)
    versions = columns[0].pictures
    rows = "".join(_gallery_row(version, columns) for version in versions)
    return (
        "<figure><figcaption>The photos on which the error of "
        f'"{escape(ranked_by)}" is lowest, in the middle, and highest. The number below a picture '
        'is its squared error of ab.</figcaption><div class="table"><table class="gallery">'
        f"<tr><td></td>{head}</tr>{rows}</table></div></figure>"
    )


def _gallery_row(version: str, columns: Sequence[Column]) -> str:
    return (
        f'<tr><th scope="row">{escape(version)}</th>'
        + "".join(_picture(version, column) for column in columns)
        + "</tr>"
    )


def _picture(version: str, column: Column) -> str:
    data = base64.b64encode(column.pictures[version]).decode()
    known = version in (GRAY, TRUTH)
    number = "" if known else f"<small>{column.errors[version]:.0f}</small>"
    text = f"{TITLES[column.kind]} photo, {version}"
    return (
        f'<td><img loading="lazy" src="data:image/webp;base64,{data}" alt="{escape(text)}">'
        f"{number}</td>"
    )


def _training_section(histories: Mapping[str, History]) -> str:
    curves = "".join(
        learning_curve(name, history["loss"], history["val_loss"])
        for name, history in histories.items()
    )
    return (
        '<section id="training"><h2>Learning curves</h2><p>The loss after each epoch, on the '
        '<span class="training">training</span> and the <span class="validation">validation</span> '
        f'photos. Losses of different networks are not comparable.</p><div class="curves">{curves}'
        "</div></section>"
    )
