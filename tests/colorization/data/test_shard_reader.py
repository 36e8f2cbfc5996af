import os

import numpy as np
import pytest

from colorization.data.record_info import Shard
from colorization.data.shard_reader import (
    fits_in_memory,
    read_in_order,
    read_shuffled,
    worker_shards,
)
from colorization.data.tfrecords import load_info


@pytest.fixture
def info(records):
    return load_info(records)


def images(dataset):
    """The stored lightness of every image, in the order in which they come."""
    return [image.tobytes() for lightness, _ in dataset.as_numpy_iterator() for image in lightness]


def test_shards_are_read_in_order_as_8_bit_codes(records, info):
    shards = info.splits["train"]
    dataset = read_in_order(records, info, shards, batch_size=4)
    for lightness, chroma in dataset.as_numpy_iterator():
        assert lightness.dtype == chroma.dtype == np.uint8
        assert lightness.shape[1:] == (32, 32, 1) and chroma.shape[1:] == (32, 32, 2)
    apart = [
        image for shard in shards for image in images(read_in_order(records, info, [shard], 4))
    ]
    assert images(dataset) == apart and len(apart) == info.count("train")


@pytest.mark.parametrize("resident", [True, False])
def test_an_epoch_has_every_image_once_in_an_order_of_its_own(records, info, resident):
    dataset = read_shuffled(records, info, info.splits["train"], 4, seed=0, resident=resident)
    first, second = images(dataset), images(dataset)
    whole = images(read_in_order(records, info, info.splits["train"], 4))
    assert sorted(first) == sorted(second) == sorted(whole)
    assert first != second


@pytest.mark.parametrize("resident", [True, False])
def test_an_endless_reading_has_full_batches_and_goes_round(records, info, resident):
    count = info.count("train")
    dataset = read_shuffled(
        records, info, info.splits["train"], 4, 0, endless=True, resident=resident
    )
    sizes = [len(lightness) for lightness, _ in dataset.take(count).as_numpy_iterator()]
    assert sizes == [4] * count and count % 4


def test_workers_get_shards_of_their_own(records, info):
    shards = info.splits["train"]
    parts = [worker_shards(records, shards, (index, 2)) for index in range(2)]
    assert parts[0] and parts[1]
    assert sorted(shard.file for part in parts for shard in part) == [s.file for s in shards]
    for part in ((2, 2), (-1, 2)):
        with pytest.raises(ValueError, match="`part` must be"):
            worker_shards(records, shards, part)


def test_more_workers_than_shards_are_told_which_records_and_what_to_do(records, info):
    with pytest.raises(ValueError, match=rf"{records} has too few shards for 99 .*shard-examples"):
        worker_shards(records, info.splits["train"], (0, 99))


def test_what_exceeds_a_third_of_the_memory_does_not_fit():
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for size, fits in ((total // 4, True), (total // 2, False)):
        assert fits_in_memory([Shard("a", 1, size, "")]) is fits
