import numpy as np
import pytest
from PIL import Image

from colorization import pipeline
from colorization.augment import Augmentation
from colorization.config import Preparation
from colorization.preparation import write_records
from colorization.records import load_info
from colorization.sources import open_sources, split_photos


def batches(dataset):
    return [(x.numpy(), y.numpy()) for x, y in dataset]


in_memory_or_not = pytest.mark.parametrize("resident", [True, False], ids=["resident", "streamed"])


@in_memory_or_not
def test_pairs_have_fixed_shapes_and_lab_ranges(records, resident):
    dataset = pipeline.training(records, batch_size=4, seed=0, resident=resident)
    x, y = dataset.element_spec
    assert x.shape.as_list() == [None, 32, 32, 1] and y.shape.as_list() == [None, 32, 32, 2]
    for x, y in batches(dataset):
        assert x.dtype == y.dtype == np.float32
        assert x.min() >= 0 and x.max() <= 100
        assert y.min() >= -128 and y.max() <= 127


@pytest.mark.parametrize("split", ["train", "validation"])
def test_an_epoch_holds_every_photo_once_and_its_length_is_known(records, split):
    read = pipeline.validation if split == "validation" else pipeline.training
    dataset = read(records, 4) if split == "validation" else read(records, 4, seed=0)
    found = batches(dataset)
    assert len(found) == dataset.cardinality().numpy()
    assert sum(len(x) for x, _ in found) == load_info(records).count(split)


@in_memory_or_not
def test_training_comes_in_another_order_each_epoch_reproducibly(records, resident):
    def epochs():
        dataset = pipeline.training(records, batch_size=4, seed=3, resident=resident)
        return [np.concatenate([x for x, _ in batches(dataset)]) for _ in range(2)]

    (first, second), again = epochs(), epochs()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.sort(first, axis=0), np.sort(second, axis=0))
    np.testing.assert_array_equal([first, second], again)


def test_translation_moves_lightness_and_chroma_alike_and_reproducibly(records):
    def epoch(translation):
        dataset = pipeline.training(records, batch_size=32, seed=3, translation=translation)
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
        dataset = pipeline.training(records, 32, seed=3, augmentation=Augmentation(**strengths))
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
    ways = [pipeline.training(records, 4, seed=0, resident=way) for way in (True, False)]
    assert lightness_of(ways[0]) == lightness_of(ways[1])


def test_parts_share_the_split_among_workers(records):
    whole = pipeline.training(records, 4, seed=0)
    parts = [pipeline.training(records, 4, seed=0, part=(index, 2)) for index in range(2)]
    assert sorted(lightness_of(parts[0]) + lightness_of(parts[1])) == lightness_of(whole)
    for part in ((2, 2), (-1, 2), (0, 99)):
        with pytest.raises(ValueError, match="`part` must be"):
            pipeline.training(records, 4, seed=0, part=part)


@pytest.fixture
def dark_records(tmp_path):
    """Records of twelve dark photos."""
    for index in range(12):
        Image.new("RGB", (8, 8), (index * 3, 0, 0)).save(tmp_path / f"{index}.png")
    splits = split_photos(open_sources([tmp_path], tmp_path)[0], 0.2)
    write_records(splits, tmp_path / "records", Preparation(image_size=32))
    return tmp_path / "records"


def test_a_mixture_follows_its_weights(records, dark_records):
    folders = {records: 1.0, dark_records: 3.0}
    dataset = pipeline.mixture(folders, 4, seed=0)
    images = np.concatenate([x for x, _ in batches(dataset)])
    counts = [load_info(folder).count("train") for folder in folders]
    assert len(images) == sum(counts) and len(batches(dataset)) == dataset.cardinality().numpy()
    many = [x for _ in range(20) for x, _ in batches(dataset)]
    dark = np.mean(np.concatenate(many).max(axis=(1, 2, 3)) < 20)
    assert dark == pytest.approx(0.75, abs=0.06)


def test_a_mixture_that_makes_no_sense_is_refused(records):
    with pytest.raises(ValueError, match=r"weights above 0, received .*\[0\.0\]"):
        pipeline.mixture({records: 0.0}, 4, seed=0)


def correlation(x, y):
    return np.corrcoef(x.ravel(), y[..., 1].ravel())[0, 1]
