"""The arguments of `deepcolor evaluate`, checked before TensorFlow is imported."""

from collections.abc import Sequence
from pathlib import Path

from colorization.inference.model_path import check_model_file
from deepcolor.errors import WrongUsageError, user_errors


def parse_sources(arguments: Sequence[str]) -> dict[str, Path]:
    """Parse sources with names: each "name=folder", or "folder", which names itself."""
    named = {}
    for argument in arguments:
        name, separator, path = argument.partition("=")
        source = Path(path if separator else argument)
        named[name if separator else source.stem] = source
    return named


def check_evaluation(
    models: Sequence[Path], records: Sequence[str], photos: Sequence[str], faces: Sequence[str]
) -> None:
    """Check the arguments of `evaluate_networks`.

    Raises:
        DeepColorError: If a network, records or photos are not there.
        WrongUsageError: If `faces` names a set that is not evaluated.
    """
    sets = parse_sources(records) | parse_sources(photos)
    if unknown := set(faces) - set(sets):
        raise WrongUsageError(f"no such set: {', '.join(sorted(unknown))}; there are {list(sets)}")
    with user_errors(OSError, ValueError):
        for model in models:
            check_model_file(model)
        for name, source in sets.items():
            if not source.exists():
                raise FileNotFoundError(f"no such folder or file for the set {name}: {source}")
