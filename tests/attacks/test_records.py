"""Damaged records: whatever byte is changed, training and evaluation name the file or go on."""

import random
import shutil
from pathlib import Path

import pytest

from colorization.config import Evaluation
from colorization.data.chroma_statistics import STATISTICS
from colorization.data.input_pipeline import training_batches
from colorization.data.record_info import INFO, read_info
from colorization.data.record_set import RecordSet
from colorization.data.tfrecords import report_damage
from deepcolor.local.evaluate import open_eval_sets

TRIES = 70
KINDS = ("flip a byte", "cut the end", "zeros", "random bytes", "append", "empty")


def damage(file: Path, draw: random.Random) -> str:
    data = bytearray(file.read_bytes())
    at, kind = draw.randrange(len(data)), draw.choice(KINDS)
    if kind == "flip a byte":
        data[at] ^= 1 << draw.randrange(8)
    elif kind == "cut the end":
        del data[at:]
    elif kind == "append":
        data += draw.randbytes(draw.randrange(1, 100))
    elif kind == "empty":
        data.clear()
    else:
        size = min(draw.randrange(1, 100), len(data) - at)
        data[at : at + size] = bytes(size) if kind == "zeros" else draw.randbytes(size)
    file.write_bytes(data)
    return kind


@pytest.mark.attack
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("what", [INFO, STATISTICS, "train", "validation"])
def test_damaged_records_are_named_or_harmless(
    records: Path, tmp_path: Path, what: str, seed: int
) -> None:
    draw = random.Random(f"{what} {seed}")
    splits = read_info(records).splits
    name = splits[what][0].file if what in splits else what
    whole = (records / name).read_bytes()
    folder = shutil.copytree(records, tmp_path / "records")
    told = 0
    for number in range(TRIES):
        kind = damage(folder / name, draw)
        same = (folder / name).read_bytes() == whole
        try:
            open_eval_sets([f"kept={folder}"], [], Evaluation())
            opened = RecordSet.open(folder)
            assert opened.ab_counts.sum() > 0
            with report_damage(folder):
                for _ in training_batches(opened, 4, seed=0):
                    pass
        except (ValueError, OSError) as error:
            told += 1
            assert name in str(error) or str(folder) in str(error), (number, kind, error)
        else:
            assert same or what in (INFO, STATISTICS), (number, kind)
        (folder / name).write_bytes(whole)
    assert told > TRIES / 2
