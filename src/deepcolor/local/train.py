"""Train on this machine, as the train kernel does on Kaggle, on any records."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from colorization.config import Training
from colorization.data.record_set import folder_weights
from colorization.files import save_json
from colorization.training.callbacks import History
from colorization.training.distribution import Distribution, find_placement
from colorization.training.recipes import get_recipe
from colorization.training.train import train
from deepcolor.errors import DeepColorError, user_errors


def parse_folders(arguments: Sequence[str]) -> dict[Path, float]:
    """Parse folders with weights: each "records" or "records=2.5"; the weight is 1 by default.

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
    """Return a recipe of `RECIPES` with some of its settings changed.

    The changes are such as "epochs=5", "optimizer.learning_rate=1e-3" or "augmentation.flip=0"; a
    value is JSON, or else text.

    Raises:
        DeepColorError: If there is no such recipe or setting, or a value has the wrong type.
    """
    with user_errors(ValueError):
        config = get_recipe(name)
    for change in changes:
        path, _, text = change.partition("=")
        config = _with_setting(config, path.split("."), _parse_value(text))
    return config


def _with_setting(settings: object, path: list[str], value: object) -> Training:
    name, *further = path
    before = getattr(settings, name, None)
    if name not in getattr(settings, "__dataclass_fields__", {}):
        raise DeepColorError(f"no such setting: {name}")
    if further:
        value = _with_setting(before, further, value)
    elif not _has_type_of(before, value):
        raise DeepColorError(f"{name} is {before!r} by default, and cannot be {value!r}")
    with user_errors(ValueError):
        return replace(settings, **{name: value})  # type: ignore[type-var, return-value]


def _parse_value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _has_type_of(before: object, value: object) -> bool:
    if before is None or value is None:
        return value is None or isinstance(value, (int, float))
    if isinstance(before, bool) or isinstance(value, bool):
        return isinstance(before, bool) and isinstance(value, bool)
    numbers = isinstance(before, (int, float)) and isinstance(value, (int, float))
    return numbers or type(before) is type(value)


def train_network(config: Training, folders: dict[Path, float], output: Path) -> History:
    """Train a network on this machine's devices, continuing a run that was interrupted.

    Writes `<name>.keras`, `<name>-history.json` and `<name>-config.json`.

    Raises:
        DeepColorError: If the records cannot be used.
    """
    with user_errors(OSError, ValueError):
        distribution = Distribution(find_placement())
        print(distribution.placement.sentence(config.batch_size), flush=True)
        history = train(config, folders, output, distribution)
    save_json(output / f"{config.name}-config.json", config)
    return history
