import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import skimage.data
from PIL import Image
from rich.console import Console
from skimage.color import rgb2lab

from colorization.data.image_io import read_photo
from deepcolor.colorize.batch import colorize_files
from deepcolor.colorize.photo_file import read_photo_file
from deepcolor.colorize.plan import ColorizeOptions
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale
from deepcolor.errors import DeepColorError

DEEPCOLOR = Path(sys.executable).parent / "deepcolor"


def save_model(path, a, b, scale=0.0):
    inputs = keras.Input((32, 32, 1))
    both = keras.layers.Concatenate()([inputs, inputs])
    keras.Model(inputs, keras.layers.Rescaling(scale, offset=[a, b])(both)).save(path)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("model") / "red.keras", 40, 10)


@pytest.fixture
def photo(tmp_path):
    Image.new("L", (30, 20), 128).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def colorize(photos, output, model, **options):
    printed = io.StringIO()
    console = Console(file=printed, width=300)
    output = None if output is None else str(output)
    failed = colorize_files(
        [str(p) for p in photos], output, ColorizeOptions(model, **options), console, console
    )
    return failed, printed.getvalue()


@pytest.mark.parametrize(("options", "colored"), [({}, False), ({"fast": True}, True)])
def test_photos_get_test_time_augmentation_unless_fast(options, colored, slope_model, tmp_path):
    ramp = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (64, 1))
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    assert colorize([tmp_path / "ramp.png"], tmp_path / "out.png", slope_model, **options)[0] == 0
    # This network predicts the opposite color for the mirror image of a slope.
    middle = read_photo(tmp_path / "out.png")[20:40, 20:40].astype(int)
    assert (np.ptp(middle, axis=-1).min() > 10) == colored
    assert colored or np.ptp(middle, axis=-1).max() <= 2


def test_one_photo_goes_to_the_file_that_is_named(photo, model, tmp_path):
    target = tmp_path / "new" / "red.png"
    assert colorize([photo], target, model)[0] == 0
    image = read_photo(target).astype(int)
    assert image.shape == (20, 30, 3) and image[5, 5, 0] > image[5, 5, 2] + 20


def test_several_photos_keep_their_names_in_a_folder(photo, model, tmp_path):
    other = tmp_path / "other.jpg"
    Image.new("RGB", (8, 8), "gray").save(other)
    failed, printed = colorize([photo, other], tmp_path / "out", model)
    assert failed == 0 and "2 colorized, in" in printed
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["other.jpg", "photo.png"]


def test_a_bad_photo_is_reported_and_the_others_are_colorized(photo, model, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    photos = [tmp_path / "bad.jpg", tmp_path / "absent.jpg", photo]
    failed, printed = colorize(photos, tmp_path / "out", model)
    assert failed == 2
    assert "bad.jpg: this is not an image" in printed and "absent.jpg: no such file" in printed
    assert "1 colorized, 2 failed" in printed
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["photo.png"]


def test_an_existing_file_is_overwritten_only_by_force(photo, model, tmp_path):
    target = tmp_path / "kept.png"
    target.write_bytes(b"precious")
    failed, printed = colorize([photo], target, model)
    assert failed == 1 and target.read_bytes() == b"precious" and "--force overwrites" in printed
    assert colorize([photo], target, model, force=True)[0] == 0
    assert read_photo(target).shape == (20, 30, 3)


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(photo, model, tmp_path):
    Image.new("L", (8, 8), 99).save(tmp_path / "other.jpg")
    photos, out = [tmp_path / "other.jpg", photo], tmp_path / "out"
    colorize([photo], out, model)
    before = (out / "photo.png").stat().st_mtime_ns
    failed, printed = colorize(photos, out, model)
    assert failed == 0 and "1 done before, 1 new, in" in printed
    assert (out / "photo.png").stat().st_mtime_ns == before
    failed, printed = colorize(photos, out, model)
    assert failed == 0 and "2 done before, in" in printed
    assert "2 colorized, in" in colorize(photos, out, model, force=True)[1]


def test_photos_and_their_results_named_together_are_done_before(photo, model, tmp_path):
    colorize([photo], None, model)
    failed, printed = colorize([photo, tmp_path / "photo-colorized.png"], None, model)
    assert failed == 0 and "1 done before, 1 skipped" in printed


def test_a_result_that_the_user_named_is_not_taken_for_that_of_this_photo(photo, model, tmp_path):
    colorize([photo], tmp_path / "out.png", model)
    assert colorize([photo], tmp_path / "out.png", model)[0] == 1


def test_a_photo_whose_result_would_have_too_long_a_name_does_not_stop_the_others(
    photo, model, tmp_path
):
    long = tmp_path / ("x" * 246 + ".jpg")
    Image.new("L", (8, 8), 99).save(long)
    failed, printed = colorize([long, photo], None, model)
    assert failed == 1 and "file name too long" in printed and "1 colorized, 1 failed" in printed


def test_a_result_that_cannot_be_written_is_reported_by_its_own_name(photo, model, tmp_path):
    (tmp_path / "file").write_bytes(b"no folder")
    failed, printed = colorize([photo], tmp_path / "file" / "x.png", model)
    assert failed == 1 and f"photo.png: cannot write {tmp_path / 'file' / 'x.png'}: " in printed


def test_a_result_is_not_colorized_again_unless_forced(photo, model, tmp_path):
    colorize([photo], tmp_path / "once.png", model)
    failed, printed = colorize([tmp_path / "once.png"], tmp_path / "twice.png", model)
    assert failed == 1 and "this program has colorized it before" in printed
    assert colorize([tmp_path / "once.png"], tmp_path / "twice.png", model, force=True)[0] == 0


def test_a_result_that_lies_among_the_photos_is_skipped(photo, model, tmp_path):
    colorize([photo], None, model)
    failed, printed = colorize([tmp_path], tmp_path / "out", model)
    assert failed == 0 and "1 colorized, 1 skipped, in" in printed
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["photo.png"]


def test_side_by_side_shows_the_gray_photo_too(photo, model, tmp_path):
    colorize([photo], tmp_path / "both.png", model, side_by_side=True)
    both = read_photo(tmp_path / "both.png")
    assert both.shape == (20, 68, 3)
    assert np.ptp(both[:, :30], axis=-1).max() <= 1 < np.ptp(both[:, 38:], axis=-1).min()


def test_side_by_side_keeps_transparency(model, tmp_path):
    rgba = np.full((9, 8, 4), 128, np.uint8)
    rgba[:4, :, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "cut.png")
    colorize([tmp_path / "cut.png"], tmp_path / "both.png", model, side_by_side=True)
    alpha = np.asarray(Image.open(tmp_path / "both.png"))[..., 3]
    assert alpha.shape == (9, 24) and (alpha[:, 8:16] == 255).all()
    np.testing.assert_array_equal(alpha[:, :8], rgba[..., 3])
    np.testing.assert_array_equal(alpha[:, 16:], rgba[..., 3])


def test_16_bits_stay_16_bits_and_keep_their_lightness(model, tmp_path):
    ramp = np.linspace(0, 65535, 40 * 30).reshape(40, 30).astype(np.uint16)
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    colorize([tmp_path / "deep.png"], tmp_path / "color.tif", model, strength=0.3)
    found = read_photo_file((tmp_path / "color.tif").read_bytes()).pixels
    assert found.dtype == np.uint16
    before = rgb2lab(np.stack([ramp] * 3, axis=-1) / 65535)[..., 0]
    np.testing.assert_allclose(rgb2lab(found / 65535)[..., 0], before, atol=0.05)


def test_transparency_is_kept(model, tmp_path):
    rgba = np.full((9, 8, 4), 128, np.uint8)
    rgba[:4, :, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "cut.png")
    colorize([tmp_path / "cut.png"], tmp_path / "color.webp", model)
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "color.webp"))[..., 3], rgba[..., 3]
    )


def test_a_result_without_color_is_reported(photo, tmp_path):
    dull = save_model(tmp_path / "dull.keras", 0.2, 0.2)
    assert "hardly any color" in colorize([photo], tmp_path / "a.png", dull)[1]
    assert "hardly" not in colorize([photo], tmp_path / "b.png", dull, strength=0.0)[1]


def test_a_photo_that_is_in_color_needs_force_and_a_tinted_one_does_not(model, tmp_path):
    color = skimage.data.astronaut()[::8, ::8]
    gray = np.asarray(Image.fromarray(color).convert("L"), np.float32)
    sepia = np.stack([gray, gray * 0.85, gray * 0.6], axis=-1).astype(np.uint8)
    folder = tmp_path / "old"
    folder.mkdir()
    for name, pixels in {"color.png": color, "sepia.png": sepia}.items():
        Image.fromarray(pixels).save(folder / name)
    photos = [folder / "color.png", folder / "sepia.png"]
    failed, printed = colorize(photos, tmp_path / "out", model)
    _, told, untold, _ = printed.splitlines()
    assert failed == 1 and "it is in color already; --force" in told and "✓" in untold
    failed, printed = colorize([folder], tmp_path / "album", model)
    assert failed == 0 and "1 colorized, 1 skipped" in printed
    assert colorize([photos[0]], tmp_path / "out", model, force=True)[0] == 0


@pytest.mark.parametrize("content", [None, b"no model"])
def test_without_a_model_nothing_is_begun(photo, tmp_path, content):
    path = tmp_path / "absent.keras"
    if content:
        path.write_bytes(content)
    with pytest.raises(DeepColorError, match="absent.keras"):
        colorize([photo], tmp_path / "x.png", path)


def test_damaged_weights_are_an_error_instead_of_a_gray_photo(photo, tmp_path):
    broken = save_model(tmp_path / "broken.keras", float("nan"), 0)
    with pytest.raises(DeepColorError, match="not numbers: its weights are damaged"):
        colorize([photo], tmp_path / "x.png", broken)
    assert not (tmp_path / "x.png").exists()


def test_black_and_white_keeps_the_lightness():
    color = np.full((2, 2, 3), (200, 40, 40), np.uint8)
    gray = to_grayscale(color)
    assert gray[0, 0, 0] == pytest.approx(105, abs=2)  # L = 43.6
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(to_grayscale(ramp), np.stack([ramp] * 3, axis=-1))
    noise = np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8)
    for dtype in (np.uint8, np.uint16):
        assert not np.ptp(to_grayscale(noise, dtype), axis=-1).any()


def test_photos_stand_beside_each_other_in_order():
    black, white = np.zeros((4, 5, 3), np.uint8), np.full((4, 5, 3), 9, np.uint8)
    joined = side_by_side(black, white)
    assert joined.shape == (4, 18, 3)
    assert (joined[:, :5] == 0).all() and (joined[:, 13:] == 9).all()


def run(*arguments, cwd, environment=None, **options):
    # Not as `conftest` leaves it for tests: the command itself silences TensorFlow.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    return subprocess.run(
        [DEEPCOLOR, "colorize", *arguments],
        cwd=cwd,
        capture_output=True,
        env=inherited | {"COLUMNS": "200"} | (environment or {}),
        **options,
    )


@pytest.mark.slow
def test_the_command_is_a_filter(photo, model):
    done = run("-", "--model", model, cwd=photo.parent, input=photo.read_bytes())
    assert done.returncode == 0, done.stderr
    assert read_photo_file(done.stdout).format == "PNG"
    assert b"standard output" in done.stderr


@pytest.mark.slow
def test_the_command_ends_with_1_if_a_photo_failed_and_says_why_in_a_line(photo, model):
    done = run("photo.png", "absent.png", "--model", model, cwd=photo.parent)
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[:2] == [
        "1 photo → photo-colorized.png", "✓ photo-colorized.png"
    ]  # fmt: skip
    assert done.stderr.decode() == "✗ absent.png: no such file\n"


@pytest.mark.slow
def test_a_name_of_bytes_that_are_no_text_is_printed_in_a_strict_locale(photo, model):
    photo.rename(photo.parent / os.fsdecode(b"caf\xe9.png"))
    environment = {"PYTHONIOENCODING": "ascii:strict"}
    done = run(".", "-o", "out", "--model", model, cwd=photo.parent, environment=environment)
    assert done.returncode == 0, done.stderr
    assert rb"out/caf\udce9.png" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_cleans_up(photo, model, number):
    command = [DEEPCOLOR, "colorize", "-", "-o", photo.with_name("out.png"), "--model", model]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        process.stdin.write(bytes(1 << 20))  # returns when most was read
        time.sleep(1)  # until it waits for more: Python sees no signal between two reads
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert not photo.with_name("out.png").exists()


@pytest.mark.parametrize(
    "wrong", [["--strength", "-1"], ["--strength", "2.1"], ["--strength", "much"], []]
)
def test_wrong_use_is_refused_with_2(wrong, tmp_path):
    assert run(*wrong, *(["x.jpg"] if wrong else []), cwd=tmp_path).returncode == 2
