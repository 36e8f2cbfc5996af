"""Preparation as an Apache Beam pipeline: DirectRunner, Dataflow, Flink, Spark.

The unit of work is a shard, made by the same function as on one machine, so the bytes are the same.
Workers and whoever starts the pipeline see photos and output at the same paths: a shared disk, or
a bucket that is mounted.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from colorization.config import Preparation
from colorization.data.image_io import Problem
from colorization.data.prepare import plan_shards, write_records
from colorization.data.shard_writer import ShardPlan, write_shards
from colorization.data.sources import Photo
from colorization.data.tfrecords import RecordInfo
from deepcolor.errors import DeepColorError


def write_records_on_beam(
    splits: Mapping[str, Sequence[Photo]],
    output: Path,
    config: Preparation,
    problems: Iterable[Problem],
    options: Sequence[str] = (),
) -> RecordInfo:
    """Write records as `colorization.data.prepare.write_records` does, with the same bytes.

    Args:
        splits: The photos of "train" and "validation".
        output: Folder to write to; created if needed.
        config: Image size, photos per shard, and how many bad photos are too many.
        problems: What could not be read before it came to photos.
        options: Of the pipeline, such as `--runner=FlinkRunner`; DirectRunner by default.

    Returns:
        What was written.

    Raises:
        DeepColorError: If Apache Beam is not installed.
        ValueError: As `write_records`.
    """
    try:
        import apache_beam
        from apache_beam.options.pipeline_options import PipelineOptions
    except ImportError as error:
        raise DeepColorError("Apache Beam is not installed: pip install '.[beam]'") from error
    output.mkdir(parents=True, exist_ok=True)
    with apache_beam.Pipeline(options=PipelineOptions(list(options))) as pipeline:
        plans = pipeline | apache_beam.Create(plan_shards(splits, config))
        # Without a reshuffle a runner may fuse both steps, and one worker gets everything.
        plans | apache_beam.Reshuffle() | apache_beam.Map(_make, str(output), config)
    # Every shard is there and remembered: what is left is to gather and to check.
    return write_records(splits, output, config, problems)


def _make(plan: ShardPlan, output: str, config: Preparation) -> None:
    list(write_shards([plan], Path(output), config))
