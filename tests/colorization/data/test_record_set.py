import shutil

import numpy as np
import pytest
from PIL import Image

from colorization.config import Preparation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.prepare import write_records
from colorization.data.record_set import RecordSet
from colorization.data.sources import open_sources
from colorization.data.splits import split_photos
from colorization.data.tfrecords import load_info


@pytest.fixture(scope="module")
def large_records(tmp_path_factory):
    """Records of six photos, 64 pixels wide."""
    folder = tmp_path_factory.mktemp("large")
    for index in range(6):
        Image.new("RGB", (8, 8), (index * 30, 0, 200)).save(folder / f"{index}.png")
    splits = split_photos(open_sources([folder], folder)[0], 0.3)
    write_records(splits, folder / "records", Preparation(image_size=64))
    return folder / "records"


def test_a_folder_has_weight_one_and_its_own_counts_and_size(records):
    opened = RecordSet.open(records)
    assert opened.weights == {records: 1.0} and opened.infos == {records: load_info(records)}
    assert opened.count("train") == load_info(records).count("train")
    assert opened.training_size(None) == 32 and opened.training_size(16) == 16


def test_several_folders_add_up(records, large_records):
    opened = RecordSet.open({records: 3, large_records: 1})
    assert list(opened.weights.values()) == [3, 1]
    for split in ("train", "validation"):
        counts = [load_info(folder).count(split) for folder in (records, large_records)]
        assert opened.count(split) == sum(counts)
    statistics = [
        ChromaStatistics.load(folder / "statistics.npz") for folder in (records, large_records)
    ]
    expected = statistics[0].ab_counts + statistics[1].ab_counts
    np.testing.assert_array_equal(opened.ab_counts, expected)


def test_an_open_set_is_returned_as_it_is_and_reads_nothing_again(records, tmp_path):
    copy = shutil.copytree(records, tmp_path / "copy")
    opened = RecordSet.open(copy)
    counts = opened.ab_counts
    shutil.rmtree(copy)
    assert RecordSet.open(opened) is opened
    assert opened.count("train") == load_info(records).count("train")
    assert opened.ab_counts is counts


def test_a_size_larger_than_the_records_of_any_folder_is_refused(records, large_records):
    opened = RecordSet.open({large_records: 1, records: 1})
    with pytest.raises(
        ValueError,
        match=rf"`image_size` must be at most .*received 64 for {records} \(32 pixels\); "
        r"train with a smaller `image_size`, or prepare .*--image-size 64",
    ):
        opened.training_size(64)


def test_records_of_several_sizes_need_a_training_size(records, large_records):
    opened = RecordSet.open({large_records: 1, records: 1})
    assert opened.training_size(32) == 32
    with pytest.raises(ValueError, match=r"`image_size` must be given .*64 pixels.*32 pixels"):
        opened.training_size(None)


@pytest.mark.parametrize("weights", [{}, {"a": 0.0}, {"a": float("nan")}])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(ValueError, match="`records` must be folders with weights above 0"):
        RecordSet.open(weights)
