import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from colorization.config import Preparation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.image_io import Problem
from colorization.data.prepare import list_problems, plan_shards, write_records
from colorization.data.sources import Photo, open_sources
from colorization.data.splits import split_photos
from colorization.data.tfrecords import load_info, parse_batch

CONFIG = Preparation(image_size=32, shard_examples=8, max_bad=0.2)


def prepared(photos, folder, config=CONFIG, **options):
    found, problems = open_sources([photos], folder / "scratch")
    splits = split_photos(found, 0.25)
    return write_records(splits, folder / "records", config, problems, **options)


def stored(folder, split):
    info = load_info(folder)
    files = [str(folder / shard.file) for shard in info.splits[split]]
    for batch in tf.data.TFRecordDataset(files).batch(1000):
        return [part.numpy() for part in parse_batch(batch, info.image_size)]


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def photos(faces, tmp_path):
    """A copy of the faces that may be spoilt."""
    return shutil.copytree(faces, tmp_path / "photos")


def test_every_photo_is_stored_once(faces, records):
    info = load_info(records)
    assert info.count("train") + info.count("validation") == 20 and info.problems == {}
    assert [shard.photos for shard in info.splits["train"]][:-1] == [8]
    lightness, chroma = stored(records, "train")
    assert lightness.shape == (info.count("train"), 32, 32, 1)
    assert chroma.shape == (info.count("train"), 32, 32, 2)


def test_problems_are_named_counted_and_kept_out(photos, tmp_path):
    (photos / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    (photos / "empty.png").write_bytes(b"")
    Image.new("L", (20, 20), 90).save(photos / "gray.png")
    shutil.copy(photos / "03.jpg", photos / "copy.jpg")
    info = prepared(photos, tmp_path)
    assert info.problems == {"unreadable": 2, "grayscale": 1, "duplicate": 1}
    assert info.count("train") + info.count("validation") == 21
    lines = (tmp_path / "records" / "problems.jsonl").read_text().splitlines()
    named = {problem["photo"]: problem for problem in map(json.loads, lines)}
    assert "this is not an image" in named["broken.jpg"]["reason"]
    assert named["gray.png"]["kind"] == "grayscale"
    assert ("copy.jpg" in named) != ("03.jpg" in named)
    shown = list(list_problems(tmp_path / "records", each=1))
    assert len(shown) == 4 and "unreadable: and 1 more" in shown


def test_too_many_bad_photos_end_the_preparation(photos, tmp_path):
    for number in range(6):
        (photos / f"bad{number}.jpg").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"6 of 26 photos cannot be read.*`max_bad`.*bad\d.jpg"):
        prepared(photos, tmp_path)
    assert not (tmp_path / "records" / "info.json").exists()
    assert (tmp_path / "records" / "problems.jsonl").read_text().count("unreadable") == 6
    for number in range(6):
        (photos / f"bad{number}.jpg").unlink()
    assert prepared(photos, tmp_path).count("train") > 0


def test_what_was_wrong_with_a_source_is_reported_too(photos, tmp_path):
    found, _ = open_sources([photos], tmp_path)
    wrong = [Problem("b.zip", "unreadable", "broken")]
    info = write_records(split_photos(found, 0.25), tmp_path / "records", CONFIG, wrong)
    assert info.problems == {"unreadable": 1}


def test_a_set_without_usable_photos_is_refused(tmp_path):
    (tmp_path / "photos").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("L", (20, 20), 90).save(tmp_path / "photos" / name)
    with pytest.raises(ValueError, match=r"no usable photo for train.*grayscale"):
        prepared(tmp_path / "photos", tmp_path)


def test_any_number_of_workers_gives_the_same_bytes(faces, tmp_path):
    made = []
    for workers in (1, 2, 5):
        prepared(faces, tmp_path / str(workers), workers=workers)
        made.append(digests(tmp_path / str(workers) / "records"))
    assert made[0] == made[1] == made[2]


def test_finished_shards_are_not_made_again_and_changed_ones_are(photos, tmp_path, monkeypatch):
    whole = prepared(photos, tmp_path / "whole")
    found, _ = open_sources([photos], tmp_path)
    splits = split_photos(found, 0.25)
    last = plan_shards(splits, CONFIG)[-1].photos[-1]
    content = (photos / last.label).read_bytes()
    (photos / last.label).write_bytes(b"")  # the only bad photo, but one too many
    strict = Preparation(image_size=32, shard_examples=8, max_bad=0.0)
    with pytest.raises(ValueError, match="1 of 20"):
        write_records(splits, tmp_path / "records", strict)
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "records").glob("*.tfrecord")}
    (photos / last.label).write_bytes(content)
    assert write_records(splits, tmp_path / "records", strict) == whole
    again = {path.name for path, then in made.items() if path.stat().st_mtime_ns != then}
    assert again == {whole.splits["validation"][-1].file}
    assert not (tmp_path / "records" / ".progress").exists()


SLOWLY = """
import sys, time
from pathlib import Path
from colorization.data import shard_writer
from colorization.config import Preparation
from colorization.data.prepare import write_records
from colorization.data.sources import open_sources
from colorization.data.splits import split_photos

convert = shard_writer.convert_photos
def slowly(*arguments):
    for batch in convert(*arguments):
        time.sleep(0.3)
        yield batch
shard_writer.convert_photos = slowly
folder = Path(sys.argv[2])
photos, problems = open_sources([Path(sys.argv[1])], folder / "scratch")
config = Preparation(image_size=32, shard_examples=8, max_bad=0.2)
write_records(split_photos(photos, 0.25), folder / "records", config, problems)
"""


@pytest.mark.slow
def test_a_preparation_that_was_killed_ends_with_the_same_bytes(faces, tmp_path):
    prepared(faces, tmp_path / "whole")
    killed = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, faces, killed])
    while not list(killed.glob("records/*-of-?????.tfrecord")):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "records" / "info.json").exists()
    prepared(faces, killed)
    assert digests(killed / "records") == digests(tmp_path / "whole" / "records")


def test_statistics_count_every_eighth_row_and_column(records):
    statistics = ChromaStatistics.load(records / "statistics.npz")
    lightness, chroma = (part[:, ::8, ::8] for part in stored(records, "train"))
    assert statistics.ab_counts.sum() == lightness.size
    expected = chroma.reshape(-1, 2).mean(axis=0) - 128.0
    np.testing.assert_allclose(statistics.mean_ab(), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"image_size": 100}, "`image_size` must be a multiple of 32"),
        ({"image_size": 544}, "from 32 to 512, received 544"),
        ({"crop": "lower"}, "`crop` must be one of squash, center, upper, received 'lower'"),
        ({"shard_examples": 0}, "`shard_examples` must be at least 1, received 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        Preparation(**settings)


def test_shards_are_planned_by_photos_alone():
    splits = {
        "train": [Photo("/a", f"{n}.jpg") for n in range(20)],
        "validation": [Photo("/a", "v")],
    }
    plans = plan_shards(splits, CONFIG)
    assert [len(plan.photos) for plan in plans] == [8, 8, 4, 1]
    assert plans[0].file == "train-00000-of-00003.tfrecord"
    assert plans[0].digest(CONFIG) != plans[1].digest(CONFIG)
    assert plans[0].digest(CONFIG) != plans[0].digest(Preparation(image_size=64))
