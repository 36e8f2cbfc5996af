from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorization.inference.colorize import predict_small_chroma
from deepcolor.colorize.onnx_network import PACKAGED_NETWORK, open_onnx
from deepcolor.colorize.temporal_smoother import MEMORY, TemporalSmoother

PORTRAIT = Path("src/deepcolor/web/static/examples/astronaut.jpg")
SCENE = np.random.default_rng(0).uniform(20, 80, (48, 64)).astype(np.float32)


def filmed(value):
    return np.full((48, 64, 2), value, np.float32)


def grain(frame):
    return np.random.default_rng(frame).normal(0, 1.5, SCENE.shape).astype(np.float32)


@pytest.mark.parametrize(
    "exposed",
    [
        lambda frame: SCENE,
        lambda frame: SCENE + grain(frame),
        lambda frame: SCENE * (1 + 0.12 * np.sin(1.7 * frame)),
        lambda frame: SCENE * (1 + 0.3 * np.sin(1.7 * frame)) + grain(frame),
        lambda frame: 100 * (SCENE / 100) ** (1 + 0.2 * np.sin(1.7 * frame)),
        lambda frame: SCENE * np.float32(0.97**frame),
    ],
    ids=["still", "grain", "exposure", "much exposure and grain", "contrast", "fading out"],
)
def test_colors_that_flicker_where_nothing_moves_are_steadied(exposed):
    random = np.random.default_rng(1)
    raw = [random.normal(20, 5, (48, 64, 2)).astype(np.float32) for _ in range(40)]
    steady = TemporalSmoother()
    calm = [steady(exposed(frame).astype(np.float32), ab) for frame, ab in enumerate(raw)][20:]
    assert np.diff(calm, axis=0).std() < 0.3 * np.diff(raw[20:], axis=0).std()
    np.testing.assert_allclose(np.mean(calm), 20, atol=0.5)


def test_a_photo_keeps_its_colors_when_its_exposure_flickers():
    network = open_onnx(PACKAGED_NETWORK)
    photo = np.asarray(Image.open(PORTRAIT).convert("L").resize((160, 200))).astype(float)
    exposures = (photo * (1 + 0.12 * np.sin(1.7 * frame)) for frame in range(12))
    frames = [exposure.clip(0, 255).astype(np.uint8) for exposure in exposures]
    steady = TemporalSmoother()
    colors = [steady(*predict_small_chroma(network, frame)) for frame in frames][4:]
    steps = np.linalg.norm(np.diff(colors, axis=0), axis=-1)
    assert steps.mean() < 1 and np.percentile(steps, 99) < 3


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SCENE, 100 - SCENE),
        (SCENE * 0.3, SCENE.T[:48, :48].repeat(2, axis=1)[:, :64] * 0.3 + 60),
        (np.full_like(SCENE, 20), np.full_like(SCENE, 80)),
    ],
    ids=["negative", "dark scene and bright scene", "without contrast"],
)
def test_a_cut_begins_with_the_colors_of_its_own_scene(before, after):
    steady = TemporalSmoother()
    steady(before.astype(np.float32), filmed(50))
    np.testing.assert_array_equal(steady(after.astype(np.float32), filmed(-50)), filmed(-50))


@pytest.mark.parametrize("exposure", [1.0, 1.12])
def test_what_moves_takes_its_colors_along(exposure):
    steady, scene = TemporalSmoother(), np.full((48, 64), 50, np.float32)
    before, after = filmed(0), filmed(0)
    after[20:40, 20:40] = 60
    steady(scene, before)
    moved = scene.copy()
    moved[20:40, 20:40] = 80
    found = steady(moved * np.float32(exposure), after)
    assert found[30, 30, 0] > 59 and abs(found[5, 5, 0]) < 1
    # The same colors where nothing moved would have come slowly.
    steady = TemporalSmoother()
    steady(scene, before)
    np.testing.assert_allclose(steady(scene, after)[30, 30, 0], 60 * (1 - MEMORY), rtol=1e-5)
