"""From an uploaded file to the content of the response. Runs in the threads of the queue."""

import io
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from colorization.data.image_io import UnknownFormatError, UnreadablePhotoError
from colorization.inference.hints import HintError
from deepcolor.colorize.encode import MAX_SIDE, encode_photo
from deepcolor.colorize.find_photos import ENDING
from deepcolor.colorize.hint_options import parse_hint
from deepcolor.colorize.photo_file import PhotoFile
from deepcolor.web.colorizer import Colorizer
from deepcolor.web.decoders import Decoders
from deepcolor.web.http_errors import RequestError
from deepcolor.web.limits import Limits
from deepcolor.web.params import WRITABLE, ColorizeParams
from deepcolor.web.uploads import Upload

Decode = Callable[[bytes], PhotoFile]  # `decode_upload` of a service
CHROMA_UNIT = 128  # codes per unit of ab in `chroma_maps`: 16 bits reach from -256 to 256


@dataclass(frozen=True)
class Result:
    """The file of a colorized photo."""

    name: str  # safe in a header and in a ZIP
    data: bytes
    media_type: str
    pixels: int


def colorize_upload(
    upload: Upload, params: ColorizeParams, colorizer: Colorizer, decode: Decode
) -> Result:
    """Colorize an uploaded photo.

    Raises:
        RequestError: As `decode_upload`; 422 if a hint is outside the photo, or the network takes
            none.
    """
    picture = decode(upload.data)
    height, width = picture.pixels.shape[:2]
    form = _result_format(params, picture, max(height, width))
    hints = [parse_hint(text) for text in params.hint]
    try:
        colors = colorizer.colorize(picture.pixels, params.strength, hints)
    except HintError as error:
        raise RequestError(422, "bad-setting", reason=str(error)) from None
    data, _ = encode_photo(colors, picture, form)
    return Result(_result_name(upload.name, form), data, WRITABLE[form].media_type, height * width)


def chroma_maps(upload: Upload, colorizer: Colorizer, decode: Decode) -> bytes:
    """Predict the chroma of an uploaded photo at each of the page's temperatures.

    Returns:
        A NumPy file: `(temperatures, h, w, 2)` int16, ab in units of 1 / `CHROMA_UNIT`.
    """
    picture = decode(upload.data)
    maps = [colorizer.chroma(picture.pixels, t) for t in colorizer.temperatures]
    codes = np.rint(np.clip(np.stack(maps) * CHROMA_UNIT, -32768, 32767)).astype("<i2")
    file = io.BytesIO()
    np.save(file, codes)
    return file.getvalue()


def decode_upload(data: bytes, decoders: Decoders, limits: Limits) -> PhotoFile:
    """Decode a photo.

    Raises:
        RequestError: 413 if it is too large, 415 if it is not an image, 422 if it is empty,
            damaged or has too many frames.
    """
    if not data:
        raise RequestError(422, "no-photo")
    try:
        return decoders.read(data)
    except UnknownFormatError:
        raise RequestError(415, "no-image") from None
    except UnreadablePhotoError as error:
        if error.kind == "too large":
            raise _too_many_pixels(limits) from None
        if error.kind == "too many frames":
            raise RequestError(422, "too-many-frames", limit=limits.frames) from None
        reason = str(error).removeprefix("the image cannot be read: ")
        raise RequestError(422, "damaged", reason=reason) from None


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


def data_url(result: Result) -> str:
    """Return a result as the address of an image inside a page."""
    return f"data:{result.media_type};base64,{b64encode(result.data).decode()}"
