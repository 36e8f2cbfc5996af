"""From an uploaded file to the content of the response. Runs in the threads of the queue."""

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
from colorization.data.photo_formats import PILLOW_FORMATS
from colorization.data.tiff import call_gray, is_tiff
from deepcolor.colorize.encode import MAX_SIDE, encode_photo
from deepcolor.colorize.photo_file import PhotoFile, read_photo_file
from deepcolor.colorize.plan import ENDING
from deepcolor.web.colorizer import Colorizer
from deepcolor.web.http_errors import RequestError
from deepcolor.web.limits import Limits
from deepcolor.web.params import WRITABLE, ColorizeParams
from deepcolor.web.uploads import Upload

CHROMA_UNIT = 128  # codes per unit of ab in `chroma_maps`: 16 bits reach from -256 to 256


@dataclass(frozen=True)
class Result:
    """The file of a colorized photo."""

    name: str  # safe in a header and in a ZIP
    data: bytes
    media_type: str
    pixels: int


def colorize_upload(
    upload: Upload, params: ColorizeParams, colorizer: Colorizer, limits: Limits
) -> Result:
    """Colorize an uploaded photo; for its errors see `decode_upload`."""
    picture = decode_upload(upload.data, limits)
    height, width = picture.pixels.shape[:2]
    form = _result_format(params, picture, max(height, width))
    colors = colorizer.colorize(picture.pixels, params.strength)
    data, _ = encode_photo(colors, picture, form)
    return Result(_result_name(upload.name, form), data, WRITABLE[form].media_type, height * width)


def chroma_maps(upload: Upload, colorizer: Colorizer, limits: Limits) -> bytes:
    """Predict the chroma of an uploaded photo at each of the page's temperatures.

    Returns:
        A NumPy file: `(temperatures, h, w, 2)` int16, ab in units of 1 / `CHROMA_UNIT`.
    """
    picture = decode_upload(upload.data, limits)
    maps = [colorizer.chroma(picture.pixels, t) for t in colorizer.temperatures]
    codes = np.rint(np.clip(np.stack(maps) * CHROMA_UNIT, -32768, 32767)).astype("<i2")
    file = io.BytesIO()
    np.save(file, codes)
    return file.getvalue()


def decode_upload(data: bytes, limits: Limits) -> PhotoFile:
    """Decode a photo after checking its header against the limits.

    Raises:
        RequestError: 413 if it is too large, 415 if it is not an image, 422 if it is empty,
            damaged or has too many frames.
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
        # The error of Pillow that caused it names no buffer, unless it knows no such format.
        unknown = isinstance(error.__cause__, UnidentifiedImageError)
        reason = error if unknown else error.__cause__ or error
        raise RequestError(422, "damaged", reason=reason) from None


def _check_header(data: bytes, limits: Limits) -> None:
    if is_tiff(data):
        data = call_gray(data)  # Pillow cannot open every kind that libvips decodes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=PILLOW_FORMATS) as image:
                if image.width * image.height > limits.pixels:
                    raise _too_many_pixels(limits)
                if _has_frame(image, limits.frames):
                    raise RequestError(422, "too-many-frames", limit=limits.frames)
        except (RequestError, UnidentifiedImageError, Image.DecompressionBombError):
            raise
        except Exception as error:  # Pillow raises a dozen types for a broken file
            raise RequestError(422, "damaged", reason=error) from None


def _has_frame(image: Image.Image, number: int) -> bool:
    # Counting the frames would read the whole file.
    try:
        image.seek(number)
    except EOFError:
        return False
    return True


def _too_many_pixels(limits: Limits) -> RequestError:
    return RequestError(413, "too-many-pixels", limit=f"{limits.pixels / 1e6:g}")


def _result_format(params: ColorizeParams, picture: PhotoFile, side: int) -> str:
    if params.format == "same":
        own = picture.format if picture.format in WRITABLE else "PNG"
        return own if side <= MAX_SIDE.get(own, side) else "PNG"
    form = params.format.upper()
    if side > MAX_SIDE.get(form, side):
        raise RequestError(422, "too-long-for-format", format=form, limit=MAX_SIDE[form])
    return form


def _result_name(name: str, form: str) -> str:
    stem = PurePosixPath(name.replace("\\", "/")).stem
    stem = re.sub(r"[^\w .()-]|^[. ]+", "_", stem)[:100].strip()
    return f"{stem or 'photo'}{ENDING}{WRITABLE[form].suffix}"


def zip_results(results: Iterable[Result]) -> bytes:
    """Put results into a ZIP; equal names are numbered."""
    file = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for result in results:
            path = PurePosixPath(result.name)
            name, number = result.name, 1
            while name in taken:
                number += 1
                name = f"{path.stem}-{number}{path.suffix}"
            taken.add(name)
            archive.writestr(name, result.data)
    return file.getvalue()
