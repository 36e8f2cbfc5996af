import numpy as np
import pytest

from colorization import pipeline
from colorization.records import load_info


def batches(dataset):
    return [(x.numpy(), y.numpy()) for x, y in dataset]


def test_pairs_have_fixed_shapes_and_lab_ranges(records):
    dataset = pipeline.training(records, batch_size=4, seed=0)
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


def test_training_comes_in_another_order_each_epoch_reproducibly(records):
    def epochs():
        dataset = pipeline.training(records, batch_size=4, seed=3)
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


def correlation(x, y):
    return np.corrcoef(x.ravel(), y[..., 1].ravel())[0, 1]
