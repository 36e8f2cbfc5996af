"""Preparation on this machine: the same records as those of the prepare kernel."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from colorization.config import Preparation
from colorization.data.prepare import list_problems, write_records
from colorization.data.sources import open_sources
from colorization.data.splits import read_partitions, split_photos
from deepcolor.errors import user_errors
from deepcolor.local.beam import write_records_on_beam


def prepare_photos(
    sources: Sequence[Path],
    output: Path,
    config: Preparation,
    workers: int = 0,
    beam: str | None = None,
) -> str:
    """Write records of photos; a run that was killed goes on where it was.

    Args:
        sources: Folders and zips.
        output: Folder for the records.
        config: Settings.
        workers: Threads; 0 for one per core.
        beam: Options of the Apache Beam pipeline that does it; none is used if None.

    Returns:
        What was written and what was wrong, for the screen.

    Raises:
        DeepColorError: If the sources cannot be used, or too many photos are bad.
    """
    with user_errors(OSError, ValueError), TemporaryDirectory() as scratch:
        photos, problems = open_sources(sources, Path(scratch))
        partitions = read_partitions(sources, Path(scratch))
        splits = split_photos(photos, config.validation_fraction, partitions)
        if beam is None:
            info = write_records(splits, output, config, problems, workers or None)
        else:
            info = write_records_on_beam(splits, output, config, problems, shlex.split(beam))
    counts = ", ".join(f"{info.count(split)} for {split}" for split in info.splits)
    return "\n".join([*list_problems(output), f"{counts} in {output}"])
