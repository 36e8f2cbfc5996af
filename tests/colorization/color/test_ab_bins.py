import numpy as np
import pytest
from scipy.spatial import ConvexHull

from colorization.color.ab_bins import (
    bin_centers,
    bin_prior,
    nearest_bin,
    nearest_bin_table,
    rebalancing_weights,
    smooth_prior,
)

# Corners of the set that the authors' `pts_in_hull.npy` fills completely.
CORNERS = [
    (-90, 90), (-90, 50), (-80, 20), (-60, -20), (-30, -50), (10, -80), (40, -100), (60, -110),
    (90, -110), (100, -90), (100, 0), (90, 70), (70, 80), (40, 90), (0, 100), (-50, 100),
]  # fmt: skip


def test_there_are_313_bins_sorted_by_a_then_b():
    bins = bin_centers()
    assert bins.shape == (313, 2) and bins.dtype == np.float32
    assert sorted(map(tuple, bins)) == list(map(tuple, bins))
    assert (bins % 10 == 0).all()


def test_the_bins_are_all_grid_points_of_the_published_polygon():
    hull = ConvexHull(CORNERS)
    grid = np.array([(a, b) for a in range(-110, 111, 10) for b in range(-110, 111, 10)])
    inside = (grid @ hull.equations[:, :2].T + hull.equations[:, 2] <= 1e-9).all(axis=1)
    np.testing.assert_array_equal(bin_centers(), grid[inside])


def test_bins_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        bin_centers()[0] = 0


def test_the_nearest_bin_is_nearest():
    ab = np.random.default_rng(0).integers(-128, 128, (500, 2))
    distances = np.linalg.norm(ab[:, None] - bin_centers(), axis=-1)
    found = nearest_bin(ab.astype(np.float32))
    np.testing.assert_allclose(distances[np.arange(500), found], distances.min(axis=1))
    assert nearest_bin_table().shape == (256, 256)


def test_each_bin_is_nearest_to_itself():
    np.testing.assert_array_equal(nearest_bin(bin_centers()), np.arange(313))


def test_the_prior_is_the_share_of_pixels():
    counts = np.zeros((256, 256), np.int64)
    counts[128, 128], counts[128 + 50, 128 + 20] = 3, 1
    found = bin_prior(counts)
    assert found.sum() == pytest.approx(1)
    gray, red = nearest_bin(np.array([[0, 0], [50, 20]]))
    assert found[gray] == 0.75 and found[red] == 0.25
    with pytest.raises(ValueError, match="empty"):
        bin_prior(np.zeros((256, 256)))


def test_smoothing_spreads_in_the_plane_and_not_along_the_list():
    one = np.zeros(313)
    # The bins on either side of this one in the list are at the far ends of the neighbor rows.
    lowest = int(np.flatnonzero(bin_centers()[:, 0] == 0)[0])
    one[lowest] = 1
    smoothed = smooth_prior(one)
    assert smoothed.sum() == pytest.approx(1)
    assert smoothed[lowest + 1] > 1e-2 > 1e-9 > smoothed[lowest - 1]


def test_rare_colors_weigh_more_and_the_mean_weight_is_one():
    smoothed = smooth_prior(np.random.default_rng(0).dirichlet(np.full(313, 0.1)))
    weights = rebalancing_weights(smoothed)
    assert smoothed @ weights == pytest.approx(1)
    order = np.argsort(smoothed)
    assert (np.diff(weights[order]) <= 1e-12).all()
    np.testing.assert_allclose(rebalancing_weights(smoothed, lam=1), 1)
    with pytest.raises(ValueError, match="`lam`"):
        rebalancing_weights(smoothed, lam=2)
