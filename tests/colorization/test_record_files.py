import pytest
import tensorflow as tf

from colorization import record_files
from colorization.record_files import BUFFER, record_writer

RECORDS = [b"", b"x", bytes(range(256)) * 193, b"\xff" * (BUFFER + 1), b"last"]


@pytest.mark.parametrize("fast", [False, True])
def test_either_way_writes_the_bytes_of_tensorflows_writer(tmp_path, monkeypatch, fast):
    if fast and not record_files.FAST:
        pytest.skip("google_crc32c is not installed")
    monkeypatch.setattr(record_files, "FAST", fast)
    with record_writer(tmp_path / "ours") as write:
        for record in RECORDS:
            write(record)
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as writer:
        for record in RECORDS:
            writer.write(record)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    read = tf.data.TFRecordDataset(str(tmp_path / "ours"))
    assert list(read.as_numpy_iterator()) == RECORDS
