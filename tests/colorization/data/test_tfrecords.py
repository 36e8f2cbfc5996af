import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from colorization.data.tf_example import serialize_example
from colorization.data.tfrecords import check_shards, load_info, parse_batch


@pytest.fixture
def copy(records, tmp_path):
    """Records that may be spoilt."""
    return shutil.copytree(records, tmp_path / "records")


def shard_of(folder):
    return folder / load_info(folder).splits["train"][0].file


def test_absent_records_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no info\.json"):
        load_info(tmp_path)


def test_a_missing_shard_is_named(copy):
    shard = shard_of(copy)
    shard.unlink()
    with pytest.raises(FileNotFoundError, match=f"{shard.name} is missing"):
        load_info(copy)


def test_a_truncated_shard_is_named(copy):
    shard = shard_of(copy)
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(ValueError, match=f"{shard.name} has .* bytes .*truncated"):
        load_info(copy)


def test_a_foreign_shard_of_the_same_size_is_named(copy):
    shard = shard_of(copy)
    data = bytearray(shard.read_bytes())
    data[-2] ^= 1  # the checksum of the last record
    shard.write_bytes(data)
    with pytest.raises(ValueError, match=f"{shard.name} is not the shard.*altered or foreign"):
        load_info(copy)
    shard.write_bytes(bytes(len(data) // 2) + b"\xff" * (len(data) - len(data) // 2))
    with pytest.raises(ValueError, match=shard.name):
        load_info(copy)


def test_altered_data_is_noticed_when_read_and_named(copy):
    shard = shard_of(copy)
    data = bytearray(shard.read_bytes())
    data[1000] ^= 1
    shard.write_bytes(data)
    with pytest.raises(tf.errors.DataLossError):
        list(tf.data.TFRecordDataset(str(shard)))
    with pytest.raises(ValueError, match=rf"{shard.name} is altered at record 0"):
        check_shards(copy)


def test_whole_records_pass(records):
    check_shards(records)


def test_another_format_is_refused(copy):
    stated = json.loads((copy / "info.json").read_text())
    (copy / "info.json").write_text(json.dumps(stated | {"format": 1}))
    with pytest.raises(ValueError, match="format 1, this code reads 2"):
        load_info(copy)


def test_an_image_comes_back_as_it_was_eagerly_and_under_map():
    lightness, chroma = np.arange(16, dtype=np.uint8), np.arange(100, 132, dtype=np.uint8)
    record = serialize_example("é\udcff.jpg", lightness, chroma.view(np.uint16))
    dataset = tf.data.Dataset.from_tensors([record]).map(lambda batch: parse_batch(batch, 4))
    for x, y in (parse_batch(tf.constant([record]), 4), next(iter(dataset))):
        assert x.shape == (1, 4, 4, 1) and y.shape == (1, 4, 4, 2)
        assert x.numpy().tobytes() == lightness.tobytes()
        assert y.numpy().tobytes() == chroma.tobytes()
