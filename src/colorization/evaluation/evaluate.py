"""What an evaluation leaves: `results.json`, every photo's metrics, figures and a page to open."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
from matplotlib.figure import Figure

from colorization.config import Evaluation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.evaluation import figures, predictors
from colorization.evaluation.eval_sets import EvalSet, best_median_worst, sample_indices
from colorization.evaluation.image_scores import ImageScores, summarize
from colorization.evaluation.report import html_report, metrics_table
from colorization.files import save_json

GALLERY = 3  # photos of each kind: best, median, worst


def evaluate(
    networks: Mapping[str, keras.Model],
    sets: Mapping[str, EvalSet],
    statistics: ChromaStatistics,
    config: Evaluation,
    output: Path,
) -> dict[str, Any]:
    """Measure networks and baselines on sets of photos, and write everything down.

    Writes `results.json`, `per-image.json`, `figures/*.png` and `report.html`, and prints a table
    for each set as soon as it is measured.

    Args:
        networks: By name, as loaded.
        sets: The photos, by name.
        statistics: Of the training set.
        config: Settings.
        output: Folder to write to.

    Returns:
        Content of `results.json`: "sets", what was measured; "scores", the summaries by set and
        model; "groups", the same for the groups of a set.
    """
    models = predictors.ab_models(networks)
    careful = [name for name, network in networks.items() if len(network.outputs) > 1]
    colorizers = predictors.chroma_predictors(models, statistics, careful)
    results: dict[str, Any] = {"sets": {}, "scores": {}, "groups": {}}
    per_image: dict[str, Any] = {}
    drawn: dict[str, Figure] = {}
    for name, photos in sets.items():
        scores = predictors.score_photos(colorizers, photos, statistics)
        results["sets"][name] = _description(photos)
        results["scores"][name] = _summaries(scores, range(len(photos.names)), config.seed)
        results["groups"][name] = {
            group: _summaries(scores, members, config.seed)
            for group, members in photos.groups.items()
        }
        per_image[name] = {model: _rows(photos, found) for model, found in scores.items()}
        drawn |= _figures(name, photos, models, results["scores"][name], per_image[name], config)
        count = len(photos.names)
        print(f"\n{name}: {count} {photos.what}\n{metrics_table(results, name)}\n", flush=True)
    save_json(output / "results.json", results)
    save_json(output / "per-image.json", per_image)
    pictures = figures.save_figures(drawn, output / "figures")
    (output / "report.html").write_text(html_report(results, pictures), encoding="utf-8")
    return results


def _description(photos: EvalSet) -> dict[str, Any]:
    groups = {group: len(members) for group, members in photos.groups.items()}
    return {"photos": len(photos.names), "what": photos.what, "groups": groups}


def _summaries(
    scores: Mapping[str, list[ImageScores]], members: Any, seed: int
) -> dict[str, dict[str, dict[str, float]]]:
    return {
        model: summarize([found[index] for index in members], seed)
        for model, found in scores.items()
    }


def _rows(photos: EvalSet, scores: list[ImageScores]) -> list[dict[str, Any]]:
    return [
        {"photo": photo, **found.values} for photo, found in zip(photos.names, scores, strict=True)
    ]


def _figures(
    name: str,
    photos: EvalSet,
    models: Mapping[str, keras.Model],
    summaries: Mapping[str, Any],
    per_image: Mapping[str, list[dict[str, Any]]],
    config: Evaluation,
) -> dict[str, Figure]:
    errors = {model: summary["ab_mse"] for model, summary in summaries.items()}
    drawn = {f"ab-mse-{name}": figures.plot_comparison(errors, f"ab MSE, {name}")}
    chosen = sample_indices(photos, config.figure_photos, config.seed)
    for answer, model in models.items():
        columns = predictors.triptych_columns(photos, chosen, model)
        file = f"{answer}-{name}".replace(", ", "-")
        drawn[file] = figures.plot_triptychs(*columns, f"{answer}, {name}")
        extremes = best_median_worst([row["ab_mse"] for row in per_image[answer]], GALLERY)
        columns = predictors.triptych_columns(
            photos, [i for kind in extremes.values() for i in kind], model
        )
        title = f"{answer}, {name}: {GALLERY} {', '.join(extremes)}"
        drawn[f"gallery-{file}"] = figures.plot_triptychs(*columns, title)
    return drawn
