import numpy as np
import pytest

from colorization.data.chroma_statistics import ChromaStatistics

CODES = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)


def count(codes):
    lightness, a, b = codes.reshape(-1, 3).astype(np.uint16).T
    return ChromaStatistics.of(lightness.astype(np.uint8), a + 256 * b)


def assert_equal(first, second):
    for name in vars(first):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_every_pixel_is_counted():
    statistics = count(CODES)
    assert statistics.ab_counts.sum() == statistics.lightness_counts.sum() == CODES[..., 0].size
    a, b = CODES[0, 0, 0, 1:]
    assert statistics.ab_counts[a, b] >= 1


def test_parts_add_up_to_the_whole():
    parts = count(CODES[:1]) + count(CODES[1:]) + ChromaStatistics.none()
    assert_equal(parts, count(CODES))


def test_the_mean_color_is_that_of_the_pixels():
    expected = CODES[..., 1:].reshape(-1, 2).astype(float).mean(axis=0) - 128
    np.testing.assert_allclose(count(CODES).mean_ab(), expected, rtol=1e-5)


def test_the_lightness_table_interpolates_between_levels_that_were_seen():
    codes = np.array([[[10, 128 + 20, 128], [20, 128 + 40, 128 - 10]]], np.uint8)
    table = count(codes).lightness_table()
    np.testing.assert_allclose(
        table[[0, 10, 15, 20, 255]], [[20, 0], [20, 0], [30, -5], [40, -10], [40, -10]]
    )


def test_no_pixel_gives_no_table():
    with pytest.raises(ValueError, match="at least one"):
        ChromaStatistics.none().lightness_table()


def test_counts_survive_the_file(tmp_path):
    statistics = count(CODES)
    statistics.save(tmp_path / "statistics.npz")
    assert_equal(ChromaStatistics.load(tmp_path / "statistics.npz"), statistics)
    assert [path.name for path in tmp_path.iterdir()] == ["statistics.npz"]


@pytest.mark.parametrize("spoil", ["cut", "empty", "another array", "other names", "other shape"])
def test_a_damaged_file_is_named(tmp_path, spoil):
    path = tmp_path / "statistics.npz"
    count(CODES).save(path)
    if spoil == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    elif spoil == "empty":
        path.write_bytes(b"")
    elif spoil == "another array":
        with path.open("wb") as file:
            np.save(file, CODES)
    else:
        names = ("ab_counts", "lightness_counts", "lightness_ab_sums")
        keys = names if spoil == "other shape" else ("a", "b", "c")
        np.savez(path, **dict.fromkeys(keys, np.zeros(3)))
    with pytest.raises(ValueError, match=r"statistics\.npz does not hold statistics of records"):
        ChromaStatistics.load(path)
