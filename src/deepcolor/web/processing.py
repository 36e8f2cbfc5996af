"""From a photo's file to the answer's bytes: what runs in the workshop's threads."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, UnidentifiedImageError

from colorization.data.image_io import UnreadablePhotoError
from deepcolor.colorize.encode import encode_photo
from deepcolor.colorize.photo_file import PhotoFile, read_photo_file
from deepcolor.colorize.plan import ENDING
from deepcolor.web.colorizer import Colorizer
from deepcolor.web.errors import RequestError
from deepcolor.web.limits import Limits
from deepcolor.web.params import MEDIA_TYPES, ColorizeParams
from deepcolor.web.uploads import Upload

CHROMA_UNIT = 128  # of ab in `chroma_maps`; 16 bits then reach from -256 to 256
# Of all that Pillow opens, what visitors have; others run programs, such as Ghostscript.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
LONGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383}  # pixels, that the formats have
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif"}


@dataclass(frozen=True)
class Result:
    """A colorized photo.

    Attributes:
        name: Of its file, safe in a header and in a ZIP.
        data: Content of the file.
        media_type: Of it.
        pixels: Of the photo.
    """

    name: str
    data: bytes
    media_type: str
    pixels: int


def colorize_upload(
    upload: Upload, wishes: ColorizeParams, colorizer: Colorizer, limits: Limits
) -> Result:
    """Colorize a photo's file.

    Args:
        upload: The file.
        wishes: Of the client.
        colorizer: Computes the colors.
        limits: On pixels and frames.

    Raises:
        RefusalError: 413, 415 or 422.
    """
    picture = open_upload(upload.data, limits)
    height, width = picture.pixels.shape[:2]
    form = _format(wishes, picture, max(height, width))
    try:
        result = colorizer.colorize(picture.pixels, wishes.strength, wishes.temperature)
    except ValueError as error:
        raise RequestError(422, "bad-setting", reason=error) from None
    data, _ = encode_photo(result, picture, form)
    return Result(_named(upload.name, form), data, MEDIA_TYPES[form], height * width)


def chroma_maps(upload: Upload, colorizer: Colorizer, limits: Limits) -> bytes:
    """Predict the colors of a photo at each of the page's temperatures.

    Args:
        upload: The photo's file.
        colorizer: Computes the colors.
        limits: On pixels and frames.

    Returns:
        A NumPy file: `(temperatures, h, w, 2)` int16, ab in units of 1 / `CHROMA_UNIT`.

    Raises:
        RefusalError: 413, 415 or 422.
    """
    picture = open_upload(upload.data, limits)
    maps = [colorizer.chroma(picture.pixels, t) for t in colorizer.temperatures]
    codes = np.rint(np.clip(np.stack(maps) * CHROMA_UNIT, -32768, 32767)).astype("<i2")
    file = io.BytesIO()
    np.save(file, codes)
    return file.getvalue()


def open_upload(data: bytes, limits: Limits) -> PhotoFile:
    """Decode a photo whose header keeps to the limits.

    Args:
        data: Content of its file.
        limits: On pixels and frames.

    Raises:
        RefusalError: 413 if it is too large, 415 if it is no image, 422 if it is damaged, or has
            too many frames, or is missing.
    """
    if not data:
        raise RequestError(422, "no-photo")
    try:
        _check_header(data, limits)
        return read_photo_file(data)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        bomb = isinstance(error, Image.DecompressionBombError)
        raise _too_many_pixels(limits) if bomb else RequestError(415, "no-image") from None
    except UnreadablePhotoError as error:
        raise RequestError(422, "damaged", reason=error.__cause__ or error) from None


def _check_header(data: bytes, limits: Limits) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > limits.pixels:
                    raise _too_many_pixels(limits)
                if _has_frame(image, limits.frames):
                    raise RequestError(422, "too-many-frames", limit=limits.frames)
        except (RequestError, UnidentifiedImageError, Image.DecompressionBombError):
            raise
        except Exception as error:  # Pillow raises a dozen types for a broken file
            raise RequestError(422, "damaged", reason=error) from None


def _has_frame(image: Image.Image, number: int) -> bool:
    # Counting them all would read the whole file, however many there are.
    try:
        image.seek(number)
    except EOFError:
        return False
    return True


def _too_many_pixels(limits: Limits) -> RequestError:
    return RequestError(413, "too-many-pixels", limit=f"{limits.pixels / 1e6:g}")


def _format(wishes: ColorizeParams, picture: PhotoFile, side: int) -> str:
    if wishes.format == "same":
        own = picture.format if picture.format in MEDIA_TYPES else "PNG"
        return own if side <= LONGEST_SIDE.get(own, side) else "PNG"
    form = wishes.format.upper()
    if side > LONGEST_SIDE.get(form, side):
        raise RequestError(422, "too-long-for-format", format=form, limit=LONGEST_SIDE[form])
    return form


def _named(name: str, form: str) -> str:
    stem = PurePosixPath(name.replace("\\", "/")).stem
    stem = re.sub(r"[^\w .()-]|^[. ]+", "_", stem)[:100].strip()
    return f"{stem or 'photo'}{ENDING}{SUFFIXES[form]}"


def zip_results(results: Iterable[Result]) -> bytes:
    """Put results into a ZIP; two of the same name get different ones."""
    file = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for result in results:
            name, number = PurePosixPath(result.name), 1
            while str(name) in taken:
                number += 1
                name = PurePosixPath(f"{PurePosixPath(result.name).stem}-{number}{name.suffix}")
            taken.add(str(name))
            archive.writestr(str(name), result.data)
    return file.getvalue()
