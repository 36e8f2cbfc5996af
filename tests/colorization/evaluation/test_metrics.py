import numpy as np
import pytest
import skimage.data
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from colorization.evaluation.metrics import (
    PSNR_CEILING,
    ab_distance,
    auc,
    blotches,
    cast,
    colorfulness,
    js_divergence,
    plain_segments,
    psnr,
    saturation,
    ssim,
    to_rgb8,
)

RGB = skimage.data.astronaut()[::8, ::8]
LAB = rgb2lab(RGB).astype(np.float32)
GRAY = LAB * np.array([1, 0, 0], np.float32)

# Sharma, Wu & Dalal 2005, table 1: two Lab colors and their CIEDE2000 difference.
SHARMA = [
    (50.0, 2.6772, -79.7751, 50.0, 0.0, -82.7485, 2.0425),
    (50.0, 3.1571, -77.2803, 50.0, 0.0, -82.7485, 2.8615),
    (50.0, 2.8361, -74.0200, 50.0, 0.0, -82.7485, 3.4412),
    (50.0, -1.3802, -84.2814, 50.0, 0.0, -82.7485, 1.0000),
    (50.0, -1.1848, -84.8006, 50.0, 0.0, -82.7485, 1.0000),
    (50.0, -0.9009, -85.5211, 50.0, 0.0, -82.7485, 1.0000),
    (50.0, 0.0, 0.0, 50.0, -1.0, 2.0, 2.3669),
    (50.0, 2.49, -0.001, 50.0, -2.49, 0.0009, 7.1792),
    (50.0, 2.49, -0.001, 50.0, -2.49, 0.0011, 7.2195),
    (50.0, 2.5, 0.0, 73.0, 25.0, -18.0, 27.1492),
    (50.0, 2.5, 0.0, 61.0, -5.0, 29.0, 22.8977),
    (50.0, 2.5, 0.0, 56.0, -27.0, -3.0, 31.9030),
    (50.0, 2.5, 0.0, 58.0, 24.0, 15.0, 19.4535),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
    (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
    (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
]


@pytest.mark.parametrize("row", SHARMA)
def test_ciede2000_is_the_published_one(row):
    assert deltaE_ciede2000(row[:3], row[3:6]) == pytest.approx(row[6], abs=1e-4)


def test_auc_is_the_area_under_the_curve_of_thresholds():
    distance = np.random.default_rng(0).gamma(2, 20, 4000)
    thresholds = np.linspace(0, 150, 15001)
    within = (distance[:, None] <= thresholds).mean(axis=0)
    assert auc(distance) == pytest.approx(100 * np.trapezoid(within, thresholds) / 150, abs=0.01)


def test_auc_with_weights_counts_a_pixel_as_often_as_it_weighs():
    distance = np.array([0.0, 30.0, 500.0])
    repeated = auc(np.repeat(distance, [1, 2, 3]))
    assert auc(distance, np.array([1, 2, 3])) == pytest.approx(repeated)
    assert auc(np.zeros(5)) == 100 and auc(np.full(5, 400.0)) == 0


def test_psnr_agrees_with_skimage_and_stays_finite():
    other = to_rgb8(GRAY)
    assert psnr(RGB, other) == pytest.approx(peak_signal_noise_ratio(RGB, other))
    assert psnr(RGB, RGB) == PSNR_CEILING


def test_ssim_is_one_for_the_same_image_only():
    assert ssim(RGB, RGB) == pytest.approx(1)
    assert 0 < ssim(RGB, to_rgb8(GRAY)) < 1
    with pytest.raises(ValueError, match="11x11"):
        ssim(RGB[:8], RGB[:8])


def test_colorfulness_of_two_pure_colors_by_hand():
    # red: rg = 255, yb = 127.5; blue: rg = 0, yb = -255
    image = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, -63.75)
    assert colorfulness(image) == pytest.approx(expected)
    absolute = np.hypot(127.5, 63.75) + 0.3 * np.hypot(127.5, 191.25)
    assert colorfulness(image, absolute=True) == pytest.approx(absolute)
    assert colorfulness(np.full((4, 4, 3), 90, np.uint8)) == 0


def test_saturation_and_cast():
    tinted = np.full((2, 2, 3), 40, np.float32)
    assert saturation(tinted) == pytest.approx(40 * 2**0.5) and cast(tinted) == pytest.approx(1)
    tinted[0] *= -1
    assert cast(tinted) == pytest.approx(0)
    assert cast(GRAY) == 0


def test_js_divergence_of_equal_disjoint_and_half_shared_histograms():
    a, b, both = np.array([[1, 0], [0, 1], [1, 1]])
    assert js_divergence(a, 7 * a) == 0
    assert js_divergence(a, b) == 1
    half = 0.5 * np.log2(1 / 0.75) + 0.5 * (0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25))
    assert js_divergence(a, both) == js_divergence(both, a) == pytest.approx(half)


def test_ab_distance_ignores_lightness():
    np.testing.assert_allclose(ab_distance(LAB, LAB + np.array([9, 3, 4])), 5, atol=1e-5)


def backdrop(hues=((0, 0), (0, 0))):
    """A textured lower half, and above it a backdrop with one color in each half of its width."""
    random = np.random.default_rng(0)
    lab = np.full((64, 96, 3), 60, np.float32)
    lab[32:, :, 1:] = random.normal(0, 20, (32, 96, 2))
    lab[:32, :48, 1:], lab[:32, 48:, 1:] = hues
    return lab


def test_plain_segments_are_those_without_a_change_of_color():
    segments = plain_segments(backdrop())
    assert (segments[:24] > 0).mean() > 0.75  # the others reach into the texture
    assert not segments[40:].any()


def test_one_hue_has_no_blotches_and_two_within_a_segment_have():
    truth = backdrop()
    segments = plain_segments(truth)
    assert blotches(segments, backdrop(((20, 5), (20, 5)))) == 0
    clouds = truth.copy()
    clouds[:32, ::2, 1] += 8
    assert blotches(segments, clouds) == pytest.approx(4, rel=0.01)  # half 0, half 8
    assert blotches(segments, truth) == 0


def test_a_photo_without_plain_parts_is_judged_by_its_plainest():
    lab = np.random.default_rng(1).normal(0, 20, (64, 64, 3)).astype(np.float32)
    segments = plain_segments(lab)
    assert len(np.unique(segments)) == 2
    assert np.isfinite(blotches(segments, lab))
