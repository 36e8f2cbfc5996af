"""Prepare records on this machine or on Apache Beam, as the prepare kernel does on Kaggle.

A Beam pipeline makes each shard with the function that one machine uses, so the bytes are the
same. Its workers see photos and output at the same paths: a shared disk, or a mounted bucket.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from colorization.config import Preparation
from colorization.data.image_io import Problem
from colorization.data.prepare import list_problems, plan_shards, write_records
from colorization.data.record_info import RecordInfo
from colorization.data.shard_writer import ShardPlan, write_shards
from colorization.data.sources import Photo, open_sources
from colorization.data.splits import read_partitions, split_photos
from deepcolor.errors import user_errors


def prepare_photos(
    sources: Sequence[Path],
    output: Path,
    config: Preparation,
    workers: int = 0,
    beam: str | None = None,
) -> str:
    """Write records of folders and zip files of photos, continuing an interrupted run.

    `workers` is a number of threads, 0 for one per core; `beam` are the options of an Apache Beam
    pipeline, or None to use threads.

    Returns:
        The problems and the numbers of photos, one per line.

    Raises:
        DeepColorError: If the sources cannot be used, or too many photos cannot be read.
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


def write_records_on_beam(
    splits: Mapping[str, Sequence[Photo]],
    output: Path,
    config: Preparation,
    problems: Iterable[Problem],
    options: Sequence[str] = (),
) -> RecordInfo:
    """Write records as `colorization.data.prepare.write_records` does, with the same bytes.

    The options are the pipeline's, such as `--runner=FlinkRunner`; DirectRunner by default.

    Raises:
        ModuleNotFoundError: If Apache Beam is not installed.
    """
    import apache_beam
    from apache_beam.options.pipeline_options import PipelineOptions

    output.mkdir(parents=True, exist_ok=True)
    with apache_beam.Pipeline(options=PipelineOptions(list(options))) as pipeline:
        plans = pipeline | apache_beam.Create(plan_shards(splits, config))
        # Without a reshuffle a runner may fuse both steps, and one worker makes every shard.
        plans | apache_beam.Reshuffle() | apache_beam.Map(_write_shard, str(output), config)
    # Finds every shard finished, and writes what describes them all.
    return write_records(splits, output, config, problems)


def _write_shard(plan: ShardPlan, output: str, config: Preparation) -> None:
    list(write_shards([plan], Path(output), config))
