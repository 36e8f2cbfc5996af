"""Evaluate networks on sets of photos, and write results and a report."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import keras

from colorization.config import Evaluation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.evaluation import predictors
from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.gallery import Gallery, draw_gallery, draw_sheet
from colorization.evaluation.html_report import Extras, History, html_report
from colorization.evaluation.image_scores import ImageScores, paired_difference, summarize
from colorization.evaluation.report import metrics_table
from colorization.files import save_json
from colorization.models import Heads

UNSHOWN = ("gray", "mean color")  # baselines that say little in a gallery
VALIDATION = "validation"  # the set on which the best network is chosen
Scores = Mapping[str, list[ImageScores]]  # of every photo, by predictor


def evaluate(
    networks: Mapping[str, keras.Model],
    sets: Mapping[str, EvalSet],
    statistics: ChromaStatistics,
    config: Evaluation,
    output: Path,
    histories: Mapping[str, History] | None = None,
    provenance: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Evaluate networks and baselines on sets of photos.

    Writes `results.json`, `per-image.json`, `gallery-SET.png` and `report.html`, and prints the
    table of each set when it is done.

    Args:
        networks: Loaded networks by name.
        sets: The photos by name. The best network is chosen on "validation", if it is there.
        statistics: Colors of the training set.
        config: Settings.
        output: Folder to write to.
        histories: Of the trainings of the networks, for the report.
        provenance: Facts for the top of the report, such as "data" and "code".

    Returns:
        Content of `results.json`: "sets", descriptions; "scores", summaries by set and model;
        "groups", the same for groups of a set; "differences", by set and model, those of its ab MSE
        from the best baseline's and each network's on the same photos; "best", the network of
        lowest validation ab MSE.
    """
    models = predictors.ab_models(networks)
    # Test-time augmentation wants two image sizes.
    with_tta = [name for name in networks if Heads.of(networks[name]).is_fully_convolutional]
    colorizers = predictors.chroma_predictors(models, statistics, with_tta)
    results: dict[str, Any] = {"sets": {}, "scores": {}, "groups": {}, "differences": {}}
    per_image: dict[str, Any] = {}
    galleries: dict[str, Gallery] = {}
    for name, photos in sets.items():
        scores = predictors.score_photos(colorizers, photos, statistics)
        for part, content in _summarize_set(photos, scores, networks, config.seed).items():
            results[part][name] = content
        per_image[name] = {model: _rows(photos, images) for model, images in scores.items()}
        galleries[name] = _draw_gallery(
            photos, scores, networks, colorizers, results["scores"][name]
        )
        count = len(photos.names)
        print(f"\n{name}: {count} {photos.what}\n{metrics_table(results, name)}\n", flush=True)
    if networks and VALIDATION in sets:
        results["best"] = best_network(networks, results["scores"][VALIDATION])
    save_json(output / "results.json", results)
    save_json(output / "per-image.json", per_image)
    for name, gallery in galleries.items():
        draw_sheet(gallery).save(output / f"gallery-{name}.png")
    facts = {"date": f"{datetime.now():%Y-%m-%d %H:%M}"} | dict(provenance or {})
    extras = Extras(galleries, histories or {}, facts)
    (output / "report.html").write_text(html_report(results, extras), encoding="utf-8")
    return results


def _summarize_set(
    photos: EvalSet, scores: Scores, networks: Iterable[str], seed: int
) -> dict[str, Any]:
    summaries = _summaries(scores, range(len(photos.names)), seed)
    references = [best_network(predictors.BASELINES, summaries), *networks]
    return {
        "sets": _describe(photos),
        "scores": summaries,
        "groups": {
            group: _summaries(scores, members, seed) for group, members in photos.groups.items()
        },
        "differences": _differences(scores, references, seed),
    }


def _draw_gallery(
    photos: EvalSet,
    scores: Scores,
    networks: Iterable[str],
    colorizers: Mapping[str, predictors.ChromaPredictor],
    summaries: Mapping[str, Any],
) -> Gallery:
    shown = {model: colorizers[model] for model in colorizers if model not in UNSHOWN}
    errors = {model: [image.values["ab_mse"] for image in scores[model]] for model in shown}
    return draw_gallery(photos, shown, errors, best_network(list(networks) or shown, summaries))


def best_network(names: Iterable[str], scores: Mapping[str, Any]) -> str:
    """Return the network, or the baseline, with the lowest ab MSE in the summaries of one set."""
    return min(names, key=lambda name: scores[name]["ab_mse"]["mean"])


def _describe(photos: EvalSet) -> dict[str, Any]:
    groups = {group: len(members) for group, members in photos.groups.items()}
    return {"photos": len(photos.names), "what": photos.what, "groups": groups}


def _summaries(scores: Scores, members: Any, seed: int) -> dict[str, dict[str, dict[str, float]]]:
    return {
        model: summarize([images[index] for index in members], seed)
        for model, images in scores.items()
    }


def _differences(
    scores: Scores, references: Iterable[str], seed: int
) -> dict[str, dict[str, dict[str, float]]]:
    others = list(references)
    return {
        model: {
            other: paired_difference(images, scores[other], seed)
            for other in others
            if other != model
        }
        for model, images in scores.items()
    }


def _rows(photos: EvalSet, scores: list[ImageScores]) -> list[dict[str, Any]]:
    return [
        {"photo": photo, **image.values} for photo, image in zip(photos.names, scores, strict=True)
    ]
