import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import uniform_filter
from scipy.spatial import KDTree
from skimage.color import rgb2lab
from skimage.transform import downscale_local_mean

from deepcolor.portraits import STYLES, draw_portrait, write_portraits


def lightness_and_chroma(seed):
    lab = rgb2lab(draw_portrait(seed))[:216, :176]
    return lab[..., 0], downscale_local_mean(lab[..., 1:], (8, 8, 1)).reshape(-1, 2)


def clues(lightness):
    """Describe each 8 x 8 tile by lightness alone: its level, its texture, its place."""
    down, across = (np.abs(np.gradient(lightness, axis=axis)) for axis in (0, 1))
    level, down, across = (
        uniform_filter(downscale_local_mean(plane, (8, 8)), 3)
        for plane in (lightness, down, across)
    )
    v, u = np.mgrid[-1:1:27j, -1:1:22j]
    return np.stack([level / 15, down, across, 3 * np.abs(u), 3 * v], axis=-1).reshape(-1, 5)


@pytest.mark.parametrize("style", STYLES)
def test_same_seed_gives_same_pixels(style):
    assert np.array_equal(draw_portrait(7, style), draw_portrait(7, style))


def test_seeds_and_styles_give_different_people():
    portraits = [draw_portrait(seed) for seed in range(12)]

    assert len({portrait.tobytes() for portrait in portraits}) == 12
    assert draw_portrait(3, "elsewhere").tobytes() != draw_portrait(3).tobytes()


def test_studio_portraits_are_framed_like_celeba():
    portrait = draw_portrait(0)

    assert portrait.shape == (218, 178, 3)
    assert portrait.dtype == np.uint8


def test_portraits_from_elsewhere_come_in_several_shapes():
    shapes = {draw_portrait(seed, "elsewhere").shape for seed in range(10)}

    assert len(shapes) > 1
    assert all(300 <= side <= 512 for height, width, _ in shapes for side in (height, width))


def test_drawings_are_colorful_and_cover_the_range_of_lightness():
    lightness, chroma = zip(*(lightness_and_chroma(seed) for seed in range(12)), strict=True)

    assert np.linalg.norm(chroma, axis=-1).mean() > 15
    assert np.percentile(lightness, 2) < 25
    assert np.percentile(lightness, 98) > 75


def test_lightness_tells_color():
    drawings = [lightness_and_chroma(seed) for seed in range(90)]
    places = [clues(lightness) for lightness, _ in drawings]
    seen, unseen = (
        np.concatenate([ab for _, ab in part]) for part in (drawings[:60], drawings[60:])
    )

    _, alike = KDTree(np.concatenate(places[:60])).query(np.concatenate(places[60:]), k=15)
    error = np.square(seen[alike].mean(1) - unseen).mean()
    error_of_mean = np.square(seen.mean(0) - unseen).mean()

    assert error < 0.5 * error_of_mean


def test_written_files_are_the_drawings_in_jpeg(tmp_path):
    paths = write_portraits(tmp_path / "new", 3, seed=5)

    assert [path.name for path in paths] == [f"portrait-0000{i}.jpg" for i in range(3)]
    assert sorted((tmp_path / "new").iterdir()) == paths
    for index, path in enumerate(paths):
        with Image.open(path) as image:
            assert (image.format, image.size, image.mode) == ("JPEG", (178, 218), "RGB")
            difference = np.asarray(image, float) - draw_portrait(5 + index)
        assert np.abs(difference).mean() < 5


def test_unknown_style_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(
        ValueError, match="`style` must be one of studio, elsewhere, received 'oil'"
    ):
        write_portraits(tmp_path / "new", 1, style="oil")

    assert not (tmp_path / "new").exists()


def test_no_portraits_and_negative_seeds_are_refused(tmp_path):
    with pytest.raises(ValueError, match="`count` must be at least 1, received 0"):
        write_portraits(tmp_path, 0)
    with pytest.raises(ValueError, match="`seed` must be at least 0, received -1"):
        draw_portrait(-1)
