import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.ExifTags import Base
from rich.progress import Progress
from tests.support.films import save_red_network

from colorization.inference.predictor import Predictor
from deepcolor.colorize.colorize_file import colorize_file
from deepcolor.colorize.onnx_network import open_onnx
from deepcolor.colorize.photo_decoder import PhotoDecoder
from deepcolor.colorize.photo_file import read_photo_file
from deepcolor.colorize.plan import ColorizeOptions, Job
from deepcolor.colorize.provenance import NeedsForceError, is_tagged

RAMP = np.tile(np.linspace(0, 255, 40, dtype=np.uint8), (24, 1))


@pytest.fixture(scope="module")
def red(tmp_path_factory):
    return open_onnx(save_red_network(tmp_path_factory.mktemp("red") / "red.onnx"))


def colorize(source, target, red, **options):
    with Progress(disable=True) as progress, PhotoDecoder() as decoder:
        job = Job(source, target)
        return colorize_file(job, decoder, red, ColorizeOptions(**options), progress)


def write_pages(path, **kinds):
    """Write a TIFF of a gray page, a thumbnail, and pages of 16 bits and of color."""
    with tifffile.TiffWriter(path) as writer:
        writer.write(RAMP, photometric="minisblack", subfiletype=0)
        writer.write(RAMP[::4, ::4], photometric="minisblack", subfiletype=1)
        writer.write(RAMP[:10].astype(np.uint16) * 257, photometric="minisblack", subfiletype=0)
        writer.write(np.stack([255 - RAMP] * 3, axis=-1), photometric="rgb", subfiletype=0)
    return path


@pytest.mark.parametrize("side_by_side", [False, True])
def test_all_pages_of_a_tiff_are_colorized(red, tmp_path, side_by_side):
    source = write_pages(tmp_path / "album.tif")
    target = tmp_path / "out.tif"
    assert colorize(source, target, red, side_by_side=side_by_side) == []
    data = target.read_bytes()
    shapes = [(24, 40), (10, 40), (24, 40)]
    for number, (height, width) in enumerate(shapes):
        page = read_photo_file(data, number)
        assert page.pages == 3 and is_tagged(page.exif)
        assert page.pixels.dtype == (np.uint16 if number == 1 else np.uint8)
        assert page.pixels.shape == (height, 2 * width + 8 if side_by_side else width, 3)
        red_channel, _, blue = np.moveaxis(page.pixels[5, 15:25].astype(int), -1, 0)
        assert side_by_side or (red_channel > blue).all()


def test_a_damaged_page_is_told_by_its_number_and_nothing_is_written(red, tmp_path):
    source = write_pages(tmp_path / "album.tif")
    source.write_bytes(source.read_bytes()[:-500])
    with tifffile.TiffFile(source) as file:
        assert len(file.pages) == 4
    with pytest.raises(ValueError, match="^page 3: "):
        colorize(source, tmp_path / "out.tif", red)
    assert not (tmp_path / "out.tif").exists()


def test_what_is_not_written_to_another_format_is_told(red, tmp_path):
    source = write_pages(tmp_path / "album.tif")
    notes = colorize(source, tmp_path / "out.png", red)
    assert notes == ["only the first of 3 pages is in it: name a .tif for all"]


def test_a_page_in_color_needs_force(red, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (4, 4, 3), np.uint8)
    color = np.asarray(Image.fromarray(noise).resize((40, 24)))
    pages = [Image.fromarray(RAMP), Image.fromarray(color)]
    source = tmp_path / "mixed.tif"
    pages[0].save(source, save_all=True, append_images=pages[1:])
    with pytest.raises(NeedsForceError, match="^page 2: it is in color already"):
        colorize(source, tmp_path / "out.tif", red)
    assert colorize(source, tmp_path / "out.tif", red, force=True) == []


def test_the_pages_keep_their_own_descriptions(red, tmp_path):
    source = tmp_path / "two.tif"
    with tifffile.TiffWriter(source) as writer:
        for name in ("Anna", "Karl"):
            artist = (Base.Artist, 2, len(name) + 1, name, True)
            writer.write(RAMP, photometric="minisblack", metadata=None, extratags=[artist])
    assert colorize(source, tmp_path / "out.tif", red) == []
    data = (tmp_path / "out.tif").read_bytes()
    found = [read_photo_file(data, page).exif[Base.Artist] for page in (0, 1)]
    assert found == ["Anna", "Karl"]


def test_a_file_that_appears_while_a_photo_is_colorized_is_kept(tmp_path):
    source, target = tmp_path / "photo.png", tmp_path / "out.png"
    Image.fromarray(RAMP).save(source)

    def predict(lightness, temperature):
        target.write_bytes(b"precious")
        return np.zeros((*lightness.shape[:3], 2), np.float32)

    with pytest.raises(ValueError, match="appeared during this run; --force overwrites it"):
        colorize(source, target, Predictor(predict))
    assert target.read_bytes() == b"precious"
