from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorization.augment import Augmentation
from colorization.config import Preparation
from colorization.data import input_pipeline as pipeline
from colorization.data.prepare import write_records
from colorization.data.sources import open_sources
from colorization.data.splits import split_photos
from colorization.data.tfrecords import load_info


def batches(dataset):
    return [(x.numpy(), y.numpy()) for x, y in dataset]


in_memory_or_not = pytest.mark.parametrize("resident", [True, False], ids=["resident", "streamed"])


@in_memory_or_not
def test_pairs_have_fixed_shapes_and_lab_ranges(records, resident):
    dataset = pipeline.training_batches(records, batch_size=4, seed=0, resident=resident)
    x, y = dataset.element_spec
    assert x.shape.as_list() == [None, 32, 32, 1] and y.shape.as_list() == [None, 32, 32, 2]
    for x, y in batches(dataset):
        assert x.dtype == y.dtype == np.float32
        assert x.min() >= 0 and x.max() <= 100
        assert y.min() >= -128 and y.max() <= 127


@pytest.mark.parametrize("split", ["train", "validation"])
def test_an_epoch_holds_every_photo_once_and_its_length_is_known(records, split):
    read = pipeline.validation_batches if split == "validation" else pipeline.training_batches
    dataset = read(records, 4) if split == "validation" else read(records, 4, seed=0)
    found = batches(dataset)
    assert len(found) == dataset.cardinality().numpy()
    assert sum(len(x) for x, _ in found) == load_info(records).count(split)


@in_memory_or_not
def test_training_comes_in_another_order_each_epoch_reproducibly(records, resident):
    def epochs():
        dataset = pipeline.training_batches(records, batch_size=4, seed=3, resident=resident)
        return [np.concatenate([x for x, _ in batches(dataset)]) for _ in range(2)]

    (first, second), again = epochs(), epochs()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.sort(first, axis=0), np.sort(second, axis=0))
    np.testing.assert_array_equal([first, second], again)


def test_translation_moves_lightness_and_chroma_alike_and_reproducibly(records):
    def epoch(translation):
        dataset = pipeline.training_batches(records, batch_size=32, seed=3, translation=translation)
        return batches(dataset)[0]

    (x, y), (x_again, y_again), (x_still, y_still) = epoch(0.2), epoch(0.2), epoch(0)
    np.testing.assert_array_equal(x, x_again)
    np.testing.assert_array_equal(y, y_again)
    moved = np.abs(x - x_still).mean(axis=(1, 2, 3))
    assert (moved > 1).mean() > 0.8
    # Lightness decides chroma in these photos, and still does where both moved together.
    assert correlation(x, y) == pytest.approx(correlation(x_still, y_still), abs=0.05)


def test_augmentations_are_reproducible_and_differ_from_epoch_to_epoch(records):
    def epochs(**strengths):
        dataset = pipeline.training_batches(
            records, 32, seed=3, augmentation=Augmentation(**strengths)
        )
        return [batches(dataset)[0] for _ in range(2)]

    (plain, _), (first, second), again = epochs(), epochs(gamma=1.0), epochs(gamma=1.0)
    np.testing.assert_array_equal(first[0], again[0][0])
    np.testing.assert_array_equal(second[0], again[1][0])
    assert np.abs(first[0] - plain[0]).mean() > 1
    np.testing.assert_array_equal(first[1], plain[1])  # gamma leaves chroma alone
    gammas = [np.sort(x.mean(axis=(1, 2, 3))) for x, _ in (first, second)]
    assert np.abs(gammas[0] - gammas[1]).max() > 1


def lightness_of(dataset):
    return sorted(image.sum() for x, _ in batches(dataset) for image in x)


def test_both_ways_of_reading_give_the_same_images(records):
    ways = [pipeline.training_batches(records, 4, seed=0, resident=way) for way in (True, False)]
    assert lightness_of(ways[0]) == lightness_of(ways[1])


def test_parts_share_the_split_among_workers(records):
    whole = pipeline.training_batches(records, 4, seed=0)
    parts = [pipeline.training_batches(records, 4, seed=0, part=(index, 2)) for index in range(2)]
    assert sorted(lightness_of(parts[0]) + lightness_of(parts[1])) == lightness_of(whole)


@pytest.fixture
def dark_records(tmp_path):
    """Records of twelve dark photos."""
    for index in range(12):
        Image.new("RGB", (8, 8), (index * 3, 0, 0)).save(tmp_path / f"{index}.png")
    splits = split_photos(open_sources([tmp_path], tmp_path)[0], 0.2)
    write_records(splits, tmp_path / "records", Preparation(image_size=32))
    return tmp_path / "records"


@in_memory_or_not
def test_several_folders_share_every_batch_by_their_weights(records, dark_records, resident):
    folders = {records: 1.0, dark_records: 3.0}
    dataset = pipeline.training_batches(folders, 4, seed=0, resident=resident)
    counts = [load_info(folder).count("train") for folder in folders]
    for _ in range(2):
        found = batches(dataset)
        assert len(found) == dataset.cardinality().numpy() == -(-sum(counts) // 4)
        dark = np.array([x.max(axis=(1, 2, 3)) < 20 for x, _ in found])
        np.testing.assert_array_equal(dark.sum(axis=1), 3)


def test_a_folder_goes_round_before_any_of_its_images_comes_again(records, dark_records):
    count = load_info(dark_records).count("train")
    endless = pipeline.training_batches({records: 1.0, dark_records: 1.0}, 2, seed=0).repeat()
    found = batches(endless.take(count))
    dark = [x[1].sum() for x, _ in found]
    assert len(set(dark)) == count


def test_batches_are_divided_to_the_last_image():
    a, b, c = (Path(name) for name in "abc")
    assert pipeline.batch_shares({a: 20, b: 5, c: 7}, 32) == {a: 20, b: 5, c: 7}
    assert pipeline.batch_shares({a: 1, b: 1, c: 1}, 32) == {a: 11, b: 11, c: 10}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"a": 0.0}, r"weights above 0, received weights \[0.0\]"),
        ({"a": float("nan")}, r"weights above 0, received weights \[nan\]"),
        ({}, "folders with weights"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        pipeline.training_batches(weights, 4, seed=0)


def test_a_weight_too_small_for_an_image_is_refused(records, dark_records):
    with pytest.raises(ValueError, match="`batch_size` 4 leaves no image for one of the weights"):
        pipeline.training_batches({records: 99.0, dark_records: 1.0}, 4, seed=0)


@pytest.mark.parametrize("side", [16, 24])
def test_images_come_out_at_the_size_that_is_asked_for(records, side):
    for dataset in (
        pipeline.training_batches(records, 4, seed=0, image_size=side),
        pipeline.validation_batches(records, 4, image_size=side),
    ):
        x, y = dataset.element_spec
        assert x.shape.as_list() == [None, side, side, 1]
        assert y.shape.as_list() == [None, side, side, 2]
    small = np.concatenate([x for x, _ in batches(pipeline.validation_batches(records, 4, side))])
    whole = np.concatenate([x for x, _ in batches(pipeline.validation_batches(records, 4))])
    means = [images.mean(axis=(1, 2, 3)) for images in (small, whole)]
    np.testing.assert_allclose(*means, atol=2)


@pytest.mark.parametrize("read", [pipeline.training_batches, pipeline.validation_batches])
def test_a_size_larger_than_the_records_is_refused(records, read):
    options = {"seed": 0} if read is pipeline.training_batches else {}
    with pytest.raises(ValueError, match=r"`image_size` must be at most .*received 64 .*32 pixels"):
        read(records, 4, image_size=64, **options)


def test_the_validation_of_several_folders_holds_every_photo_once(records, dark_records):
    folders = {records: 1.0, dark_records: 3.0}
    dataset = pipeline.validation_batches(folders, 4)
    found = batches(dataset)
    count = sum(load_info(folder).count("validation") for folder in folders)
    assert sum(len(x) for x, _ in found) == count
    assert len(found) == dataset.cardinality().numpy()


def correlation(x, y):
    return np.corrcoef(x.ravel(), y[..., 1].ravel())[0, 1]
