import json

import numpy as np
import pytest
import skimage.data
from skimage.color import rgb2lab

from colorization.evaluation.image_scores import paired_difference, score_image, summarize
from colorization.evaluation.metrics import plain_segments

WEIGHTS = np.ones(313)
PHOTOS = [skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea()]
TRUTHS = [rgb2lab(photo[::12, ::12]).astype(np.float32) for photo in PHOTOS]


def faded(truth, factor):
    return truth * np.array([1, factor, factor], np.float32)


def score(truth, prediction):
    return score_image(truth, prediction, WEIGHTS, plain_segments(truth))


def score_all(factor):
    return [score(truth, faded(truth, factor)) for truth in TRUTHS]


def test_a_perfect_prediction_has_perfect_scores():
    values = score(TRUTHS[0], TRUTHS[0]).values
    assert values["ab_mse"] == values["ciede2000"] == 0
    assert values["auc"] == values["auc_rebalanced"] == 100
    assert values["ssim"] == pytest.approx(1)
    summary = summarize(score_all(1.0), seed=0)
    for name in ("colorfulness_ratio", "saturation_ratio"):
        assert summary[name]["mean"] == pytest.approx(1)
    assert summary["js_divergence"]["mean"] == pytest.approx(0)


def test_gray_has_no_color_and_the_error_of_the_truths_chroma():
    scores = score_all(0.0)
    for score, truth in zip(scores, TRUTHS, strict=True):
        assert score.values["ab_mse"] == pytest.approx((truth[..., 1:] ** 2).mean(), rel=1e-5)
    summary = summarize(scores, seed=0)
    assert summary["colorfulness_ratio"]["mean"] == pytest.approx(0, abs=5e-3)
    assert summary["js_divergence"]["mean"] > 0.3


def test_less_faded_is_better_in_every_sense():
    dull, vivid = (summarize(score_all(factor), seed=0) for factor in (0.2, 0.8))
    for name in (
        "psnr",
        "ssim",
        "auc",
        "auc_rebalanced",
        "colorfulness_ratio",
        "saturation_ratio",
    ):
        assert vivid[name]["mean"] > dull[name]["mean"], name
    for name in ("ab_mse", "ciede2000", "ciede2000_p95", "js_divergence", "colorfulness_gap"):
        assert vivid[name]["mean"] < dull[name]["mean"], name


def test_intervals_hold_the_mean_and_are_reproducible():
    scores = score_all(0.5)
    summary = summarize(scores, seed=3)
    for name, interval in summary.items():
        assert interval["low"] <= interval["mean"] + 1e-9, name
        assert interval["mean"] <= interval["high"] + 1e-9, name
    assert summary == summarize(scores, seed=3)


def test_the_interval_is_that_of_the_bootstrap():
    scores = score_all(0.5)
    values = np.array([score.values["ab_mse"] for score in scores])
    means = values[np.random.default_rng(9).integers(3, size=(20000, 3))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    found = summarize(scores, seed=0)["ab_mse"]
    assert found["low"] == pytest.approx(low, rel=0.02)
    assert found["high"] == pytest.approx(high, rel=0.02)


def test_summaries_are_valid_json():
    json.dumps(summarize(score_all(0.0) + score_all(1.0), seed=0), allow_nan=False)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="received"):
        score(TRUTHS[0], TRUTHS[1])
    with pytest.raises(ValueError, match="received none"):
        summarize([], seed=0)


def test_a_paired_difference_is_sharper_than_its_parts():
    faded_more, faded_less = score_all(0.3) * 20, score_all(0.5) * 20
    difference = paired_difference(faded_less, faded_more, seed=0)
    means = [summarize(scores, 0)["ab_mse"]["mean"] for scores in (faded_less, faded_more)]
    assert difference["mean"] == pytest.approx(means[0] - means[1])
    assert difference["low"] < difference["mean"] < difference["high"] < 0
    assert difference["better"] == 1
    with pytest.raises(ValueError, match="received 60 and 59"):
        paired_difference(faded_less, faded_more[1:], seed=0)


def test_the_truth_is_as_blotchy_as_itself():
    summary = summarize(score_all(1.0), seed=0)
    assert summary["blotches_ratio"]["mean"] == pytest.approx(1)
    assert summarize(score_all(0.0), seed=0)["blotches"]["mean"] == 0
