import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage.color import rgb2lab

from colorization.config import Preparation
from colorization.lab import decode_lab
from colorization.photos import find_photos, split_photos
from colorization.preparation import lab_dataset, write_records
from colorization.records import load_info, parse_batch
from colorization.statistics import ChromaStatistics

CONFIG = Preparation(image_size=32, shard_examples=8)


def stored_images(folder, split):
    info = load_info(folder)
    files = [str(folder / shard.file) for shard in info.splits[split]]
    for batch in tf.data.TFRecordDataset(files).batch(1000):
        return parse_batch(batch, info.image_size).numpy()


def test_every_photo_is_stored_once_with_its_counts(faces, records):
    info = load_info(records)
    assert info.count("train") + info.count("validation") == 20
    assert [shard.photos for shard in info.splits["train"]][:-1] == [8]
    assert info.skipped == {}
    assert stored_images(records, "train").shape == (info.count("train"), 32, 32, 3)


def test_stored_lab_is_within_half_a_level_of_skimage(tmp_path):
    # A photo of the target's size is not resized, so that skimage sees the same RGB.
    rgb = np.random.default_rng(1).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(rgb).save(tmp_path / "a.png")
    codes, _ = next(iter(lab_dataset([tmp_path / "a.png"], 32)))
    error = np.abs(decode_lab(codes.numpy().astype(np.float32)) - rgb2lab(rgb)).max(axis=(0, 1))
    assert (error <= np.array([50 / 255, 0.5, 0.5]) + 2e-3).all()


def test_bad_and_greyscale_photos_are_named_and_the_rest_is_stored(faces, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in find_photos(faces):
        (folder / photo.name).write_bytes(photo.read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    Image.new("L", (20, 20), 90).save(folder / "grey.png")
    splits = split_photos(find_photos(folder), 0.25)
    info = write_records(splits, tmp_path / "records", CONFIG)
    reasons = {path.rsplit("/", 1)[-1]: reason for path, reason in info.skipped.items()}
    assert set(reasons) == {"broken.jpg", "grey.png"}
    assert "greyscale" in reasons["grey.png"] and "Unidentified" in reasons["broken.jpg"]
    assert info.count("train") + info.count("validation") == 20


def test_a_set_without_usable_photos_is_refused(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"nothing")
    splits = split_photos(find_photos(tmp_path), 0.5)
    with pytest.raises(ValueError, match=r"no usable photo for train.*\.jpg"):
        write_records(splits, tmp_path / "records", CONFIG)
    assert not (tmp_path / "records" / "info.json").exists()


def test_the_same_photos_give_the_same_bytes(faces, records, tmp_path):
    again = write_records(split_photos(find_photos(faces), 0.25), tmp_path, CONFIG)
    assert again == load_info(records)


def test_statistics_count_the_training_pixels(records):
    statistics = ChromaStatistics.load(records / "statistics.npz")
    images = stored_images(records, "train")
    assert statistics.ab_counts.sum() == images[..., 0].size
    expected = images[..., 1:].reshape(-1, 2).mean(axis=0) - 128
    np.testing.assert_allclose(statistics.mean_ab(), expected, atol=1e-3)


def test_records_that_are_absent_truncated_or_of_another_format_are_refused(records, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no info\.json"):
        load_info(tmp_path)
    for path in records.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    shard = next(tmp_path.glob("train-*"))
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(ValueError, match=f"{shard.name} has .* bytes"):
        load_info(tmp_path)
    stated = json.loads((tmp_path / "info.json").read_text())
    (tmp_path / "info.json").write_text(json.dumps(stated | {"format": 99}))
    with pytest.raises(ValueError, match="format 99"):
        load_info(tmp_path)
