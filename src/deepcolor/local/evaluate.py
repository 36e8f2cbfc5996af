"""Evaluate on this machine, as the evaluate kernel does on Kaggle, on any records and photos."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import keras

from colorization.config import Evaluation
from colorization.data.chroma_statistics import STATISTICS, ChromaStatistics
from colorization.data.sources import open_photos
from colorization.evaluation import predictors
from colorization.evaluation.eval_sets import (
    EvalSet,
    group_by_skin_tone,
    load_photos,
    load_validation,
)
from colorization.evaluation.evaluate import evaluate
from colorization.evaluation.html_report import History
from colorization.evaluation.predictors import replace_chroma
from colorization.files import save_json
from deepcolor.colorize.onnx_network import file_digest
from deepcolor.errors import user_errors
from deepcolor.local.evaluate_arguments import parse_sources


def evaluate_networks(
    models: Sequence[Path],
    records: Sequence[str],
    photos: Sequence[str],
    face_sets: Sequence[str],
    output: Path,
    config: Evaluation,
    baseline: Sequence[Path] = (),
    inception: Path | None = None,
    vgg: Path | None = None,
) -> None:
    """Compare `.keras` files with baselines on validation splits and on photos.

    Writes `results.json`, `per-image.json` and `report.html`. Records and photos are each
    "folder" or "name=folder"; the colors of their training splits, and of those of `baseline`, make
    the baselines. Sets of faces are also reported by skin tone. The weights of InceptionV3 give the
    FID, and those of VGG16 compare what it recognizes.

    Raises:
        DeepColorError: If something cannot be read.
    """
    output.mkdir(parents=True, exist_ok=True)
    with user_errors(OSError, ValueError):
        folders = dict.fromkeys([*parse_sources(records).values(), *baseline])
        counted = [ChromaStatistics.load(path / STATISTICS) for path in folders]
        statistics = sum(counted, ChromaStatistics.none())
        networks = {path.stem: keras.saving.load_model(path, compile=False) for path in models}
        sets = open_eval_sets(records, photos, config)
        grouped = _group_faces(sets, face_sets)
        histories = {path.stem: read for path in models if (read := _history(path))}
        facts = {
            "networks": ", ".join(f"{path} (SHA-256 {file_digest(path)[:12]})" for path in models),
            "data": ", ".join([*records, *photos]),
            "code": f"deep-colorization {version('deep-colorization')}",
        }
        results = evaluate(networks, grouped, statistics, config, output, histories, facts)
        if inception or vgg:
            results["perceptual"] = _perceptual_scores(networks, sets, statistics, inception, vgg)
            save_json(output / "results.json", results)


def _history(model: Path) -> History | None:
    file = model.with_name(f"{model.stem}-history.json")  # `train_network` writes it there
    return json.loads(file.read_text("utf-8")) if file.is_file() else None


def open_eval_sets(
    records: Sequence[str], photos: Sequence[str], config: Evaluation
) -> dict[str, EvalSet]:
    """Load the sets that networks are evaluated on, by name; see `evaluate_networks`.

    Raises:
        OSError: If a source cannot be read.
        ValueError: If it holds no photos, or its records are damaged.
    """
    named = parse_sources(records)
    sets = {name: load_validation(path, config.max_photos) for name, path in named.items()}
    with TemporaryDirectory() as scratch:
        for name, path in parse_sources(photos).items():
            found = open_photos(path, Path(scratch) / name)[: config.max_photos]
            sets[name] = load_photos(found, config.photo_size)
    return sets


def _perceptual_scores(
    networks: dict[str, keras.Model],
    sets: dict[str, EvalSet],
    statistics: ChromaStatistics,
    inception: Path | None,
    vgg: Path | None,
) -> dict[str, dict[str, dict[str, float]]]:
    from colorization.evaluation import perceptual

    extractors = (
        perceptual.inception_features(inception) if inception else None,
        perceptual.vgg_features(vgg) if vgg else None,
    )
    predict = predictors.chroma_predictors(predictors.ab_models(networks), statistics)
    found = {}
    for name, photos in sets.items():
        colored = {
            model: [replace_chroma(photo, predict(photo[..., 0])) for photo in photos.photos]
            for model, predict in predict.items()
        }
        found[name] = perceptual.perceive(photos.photos, colored, *extractors)
        print(f"\n{name}: {json.dumps(found[name], indent=2)}", flush=True)
    return found


def _group_faces(sets: dict[str, EvalSet], names: Sequence[str]) -> dict[str, EvalSet]:
    return {
        name: group_by_skin_tone(photos) if name in names else photos
        for name, photos in sets.items()
    }
