"""The arguments of `deepcolor train`: a recipe with its settings, and folders of records."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from colorization.config import Training
from colorization.training.recipes import get_recipe
from deepcolor.errors import WrongUsageError, wrong_usage


def parse_folders(arguments: Sequence[str]) -> dict[Path, float]:
    """Parse folders with weights: each "records" or "records=2.5"; the weight is 1 by default.

    Raises:
        WrongUsageError: If a weight is not a number above 0.
    """
    from colorization.data.record_set import folder_weights

    folders = {}
    for argument in arguments:
        folder, _, weight = argument.partition("=")
        with wrong_usage(ValueError):
            folders[Path(folder)] = float(weight or 1)
    with wrong_usage(ValueError):
        return folder_weights(folders)


def parse_settings(name: str, changes: Sequence[str]) -> Training:
    """Return a recipe of `RECIPES` with some of its settings changed.

    The changes are such as "epochs=5", "optimizer.learning_rate=1e-3" or "augmentation.flip=0"; a
    value is JSON, or else text.

    Raises:
        WrongUsageError: If there is no such recipe or setting, or a value has the wrong type.
    """
    with wrong_usage(ValueError):
        config = get_recipe(name)
    for change in changes:
        path, separator, text = change.partition("=")
        if not separator:
            raise WrongUsageError(f"{path} has no value: write {path}=VALUE")
        config = _with_setting(config, path.split("."), _parse_value(text))
    return config


def _with_setting(settings: object, path: list[str], value: object) -> Training:
    name, *further = path
    before = getattr(settings, name, None)
    if name not in getattr(settings, "__dataclass_fields__", {}):
        raise WrongUsageError(f"no such setting: {name}")
    if further:
        value = _with_setting(before, further, value)
    elif not _has_type_of(before, value):
        raise WrongUsageError(f"{name} is {before!r} by default, and cannot be {value!r}")
    with wrong_usage(ValueError):
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
