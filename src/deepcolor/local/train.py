"""Training and evaluation on this machine: what the kernels do, on any records and photos."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import keras

from colorization.config import Evaluation, Training
from colorization.data.chroma_statistics import STATISTICS, ChromaStatistics
from colorization.data.record_set import folder_weights
from colorization.data.sources import open_photos
from colorization.evaluation import predictors
from colorization.evaluation.eval_sets import (
    EvalSet,
    group_by_skin_tone,
    load_photos,
    load_validation,
)
from colorization.evaluation.evaluate import evaluate
from colorization.evaluation.predictors import replace_chroma
from colorization.files import save_json
from colorization.training.callbacks import History
from colorization.training.distribution import Distribution, find_placement
from colorization.training.recipes import get_recipe
from colorization.training.train import train
from deepcolor.errors import DeepColorError, user_errors


def parse_folders(arguments: Sequence[str]) -> dict[Path, float]:
    """Read folders of records with their weights.

    Args:
        arguments: As "records" or "records=2.5".

    Raises:
        DeepColorError: If a weight is not a number above 0.
    """
    folders = {}
    for argument in arguments:
        folder, _, weight = argument.partition("=")
        with user_errors(ValueError):
            folders[Path(folder)] = float(weight or 1)
    with user_errors(ValueError):
        return folder_weights(folders)


def parse_settings(name: str, changes: Sequence[str]) -> Training:
    """Return a recipe with some of its settings changed.

    Args:
        name: Of the recipe.
        changes: As "epochs=5", "optimizer.learning_rate=1e-3" or "augmentation.flip=0"; the values
            are JSON, or else text.

    Raises:
        DeepColorError: If there is no such recipe or setting, or the value has another type.
    """
    with user_errors(ValueError):
        config = get_recipe(name)
    for change in changes:
        path, _, text = change.partition("=")
        config = _changed(config, path.split("."), _value(text))
    return config


def _changed(settings: object, path: list[str], value: object) -> Training:
    name, *further = path
    before = getattr(settings, name, None)
    if name not in getattr(settings, "__dataclass_fields__", {}):
        raise DeepColorError(f"no such setting: {name}")
    if further:
        value = _changed(before, further, value)
    elif not _fits(before, value):
        raise DeepColorError(f"{name} is {before!r} by default, and cannot be {value!r}")
    with user_errors(ValueError):
        return replace(settings, **{name: value})  # type: ignore[type-var, return-value]


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fits(before: object, value: object) -> bool:
    if before is None or value is None:
        return value is None or isinstance(value, (int, float))
    if isinstance(before, bool) or isinstance(value, bool):
        return isinstance(before, bool) and isinstance(value, bool)
    numbers = isinstance(before, (int, float)) and isinstance(value, (int, float))
    return numbers or type(before) is type(value)


def train_network(config: Training, folders: dict[Path, float], output: Path) -> History:
    """Train by a recipe on this machine's devices; a run that was interrupted goes on.

    Writes `<name>.keras`, `<name>-history.json` and `<name>-config.json`.

    Args:
        config: The recipe.
        folders: Weight of each folder of records.
        output: Folder to write to.

    Returns:
        The history.

    Raises:
        DeepColorError: If the records cannot be used.
    """
    with user_errors(OSError, ValueError):
        distribution = Distribution(find_placement())
        print(distribution.placement.sentence(config.batch_size), flush=True)
        history = train(config, folders, output, distribution)
    save_json(output / f"{config.name}-config.json", config)
    return history


def evaluate_networks(
    models: Sequence[Path],
    records: Sequence[str],
    photos: Sequence[str],
    face_sets: Sequence[str],
    output: Path,
    config: Evaluation,
    inception: Path | None = None,
    vgg: Path | None = None,
) -> None:
    """Measure networks on validation splits and on photos.

    Args:
        models: `.keras` files; each is called by its name.
        records: Folders of records, as "records" or "name=records": their validation splits are
            measured, and their training splits together give the baselines their colors.
        photos: Folders or zips of whole photos, as "photos" or "name=photos".
        face_sets: Names of sets whose photos are filled by a face; they are also measured by skin
            tone.
        output: Folder for `results.json`, `per-image.json`, `report.html` and figures.
        config: Settings.
        inception: Weights of InceptionV3, for the FID.
        vgg: Weights of VGG16, for what it sees.

    Raises:
        DeepColorError: If something cannot be read.
    """
    output.mkdir(parents=True, exist_ok=True)
    with user_errors(OSError, ValueError):
        counted = [ChromaStatistics.load(path / STATISTICS) for path in _named(records).values()]
        statistics = sum(counted, ChromaStatistics.none())
        networks = {path.stem: keras.saving.load_model(path, compile=False) for path in models}
        sets = open_eval_sets(records, photos, config)
        results = evaluate(networks, _with_faces(sets, face_sets), statistics, config, output)
        if inception or vgg:
            results["perceptual"] = _perceived(networks, sets, statistics, inception, vgg)
            save_json(output / "results.json", results)


def open_eval_sets(
    records: Sequence[str], photos: Sequence[str], config: Evaluation
) -> dict[str, EvalSet]:
    """Read the sets that networks are measured on, by name.

    Args:
        records: Folders of records, of which the validation splits are read, as "records" or
            "name=records".
        photos: Folders or zips of whole photos, as "photos" or "name=photos".
        config: How many photos, and how large.

    Raises:
        OSError: If a source cannot be read.
        ValueError: If it holds no photos or no sound records.
    """
    named = _named(records)
    sets = {name: load_validation(path, config.max_photos) for name, path in named.items()}
    with TemporaryDirectory() as scratch:
        for name, path in _named(photos).items():
            found = open_photos(path, Path(scratch) / name)[: config.max_photos]
            sets[name] = load_photos(found, config.photo_size)
    return sets


def _perceived(
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


def _named(arguments: Sequence[str]) -> dict[str, Path]:
    named = {}
    for argument in arguments:
        name, separator, path = argument.partition("=")
        source = Path(path if separator else argument)
        named[name if separator else source.stem] = source
    return named


def _with_faces(sets: dict[str, EvalSet], names: Sequence[str]) -> dict[str, EvalSet]:
    if unknown := set(names) - set(sets):
        raise DeepColorError(f"no such set: {', '.join(sorted(unknown))}; there are {list(sets)}")
    return {
        name: group_by_skin_tone(photos) if name in names else photos
        for name, photos in sets.items()
    }
