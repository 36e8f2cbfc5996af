"""Preparation on this machine: the same records as those of the prepare kernel."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from colorization.config import Preparation
from colorization.preparation import named_problems, write_records
from colorization.sources import open_sources, read_partition, split_photos
from deepcolor.errors import DeepColorError


def prepare_photos(
    sources: Sequence[Path], output: Path, image_size: int, crop: str, max_bad: float, workers: int
) -> str:
    """Write records of photos; a run that was killed goes on where it was.

    Args:
        sources: Folders and zips.
        output: Folder for the records.
        image_size: Side of the squares, pixels.
        crop: How photos become squares.
        max_bad: Share of photos that may be unreadable.
        workers: Threads; 0 for one per core.

    Returns:
        What was written and what was wrong, for the screen.

    Raises:
        DeepColorError: If the sources or settings cannot be used, or too many photos are bad.
    """
    try:
        config = Preparation(image_size, crop, max_bad=max_bad)
        with TemporaryDirectory() as scratch:
            photos, problems = open_sources(sources, Path(scratch))
            partition = read_partition(sources[0])
            splits = split_photos(photos, config.validation_fraction, partition)
            info = write_records(splits, output, config, problems, workers or None)
    except (OSError, ValueError) as error:
        raise DeepColorError(str(error)) from error
    counts = ", ".join(f"{info.count(split)} for {split}" for split in info.splits)
    return "\n".join([*named_problems(output), f"{counts} in {output}"])
