"""The file formats of photos: one table, which every reader, writer and folder search uses."""

import re
from importlib import import_module
from pathlib import PurePath
from typing import NamedTuple

from PIL import PngImagePlugin

from colorization.data.tiff import describe_tiff


class PhotoFormat(NamedTuple):
    """A file format of photos. All of them can be read, some with an optional package."""

    suffix: str  # lower case, with the dot
    pillow: str  # Pillow's name
    media_type: str
    writable: bool
    package: str = ""  # that must be installed to read it


# The first suffix of a format is the usual one.
FORMATS = (
    PhotoFormat(".jpg", "JPEG", "image/jpeg", True),
    PhotoFormat(".jpeg", "JPEG", "image/jpeg", True),
    PhotoFormat(".jpe", "JPEG", "image/jpeg", True),
    PhotoFormat(".jfif", "JPEG", "image/jpeg", True),
    PhotoFormat(".mpo", "JPEG", "image/jpeg", False),  # with a second picture
    PhotoFormat(".png", "PNG", "image/png", True),
    PhotoFormat(".webp", "WEBP", "image/webp", True),
    PhotoFormat(".tif", "TIFF", "image/tiff", True),
    PhotoFormat(".tiff", "TIFF", "image/tiff", True),
    PhotoFormat(".gif", "GIF", "image/gif", False),
    PhotoFormat(".bmp", "BMP", "image/bmp", False),
    PhotoFormat(".avif", "AVIF", "image/avif", False),
    PhotoFormat(".pnm", "PPM", "image/x-portable-anymap", False),
    PhotoFormat(".pbm", "PPM", "image/x-portable-anymap", False),
    PhotoFormat(".pgm", "PPM", "image/x-portable-anymap", False),
    PhotoFormat(".ppm", "PPM", "image/x-portable-anymap", False),
    PhotoFormat(".jp2", "JPEG2000", "image/jp2", False),
    PhotoFormat(".j2k", "JPEG2000", "image/jp2", False),
    PhotoFormat(".j2c", "JPEG2000", "image/jp2", False),
    PhotoFormat(".jpc", "JPEG2000", "image/jp2", False),
    PhotoFormat(".jpf", "JPEG2000", "image/jp2", False),
    PhotoFormat(".jpx", "JPEG2000", "image/jp2", False),
    PhotoFormat(".heic", "HEIF", "image/heif", False, "pillow-heif"),
    PhotoFormat(".heif", "HEIF", "image/heif", False, "pillow-heif"),
    PhotoFormat(".hif", "HEIF", "image/heif", False, "pillow-heif"),
    PhotoFormat(".jxl", "JXL", "image/jxl", False, "pillow-jxl-plugin"),
)
SUFFIXES = frozenset(form.suffix for form in FORMATS)

_RAW = "a camera's raw file is not read: develop it to TIFF or JPEG"
_RAW_SUFFIXES = ".3fr .arw .cr2 .cr3 .dng .erf .mrw .nef .nrw .orf .pef .raf .raw .rw2 .sr2 .srw"
# Suffixes of photos that are not read, and what to do. They are reported, not left out silently.
NOT_READ = dict.fromkeys(_RAW_SUFFIXES.split(), _RAW) | {
    ".psd": "a Photoshop file is not read: save it as TIFF or PNG",
    ".psb": "a Photoshop file is not read: save it as TIFF or PNG",
    ".xcf": "a GIMP file is not read: export it as TIFF or PNG",
}
# What else is taken for a photo: the beginning of its content, and what to do.
_UNSUPPORTED = (
    (rb".{4}ftyp(hei|hev|mif|msf)", "HEIC needs a package: pip install pillow-heif"),
    (rb"\xff\x0a|\0{3}\x0cJXL ", "JPEG XL needs a package: pip install pillow-jxl-plugin"),
    (rb".{4}ftypcrx|.{8}CR\x02|FUJIFILMCCD-RAW|IIR[OS]|IIU\0", _RAW),
    (rb"8BPS", NOT_READ[".psd"]),
    (rb"%PDF", "a PDF is not read: export its photos as PNG or JPEG"),
    (rb"\s*<(svg|\?xml)", "a drawing (SVG) is not read: export it as PNG"),
    (
        rb".{4}ftyp(?!avi)|\x1aE\xdf\xa3|RIFF.{4}AVI |\0\0\x01\xba|FLV",
        "this is a film, not a photo",
    ),
)
_BROKEN = (
    (rb"\s*<(!doctype html|html)", "this is a web page, not a photo"),
    (rb"PK\x03\x04", "this is a zip archive, not a photo"),
    (
        rb"\xff\xd8\xff|\x89PNG|RIFF.{4}WEBP|GIF8|.{4}ftyp",
        "the image cannot be read: its beginning is damaged",
    ),
)


# Modules that add a format to Pillow when they are imported, by the package that has them.
_PLUGINS = {"pillow-heif": "pillow_heif.HeifImagePlugin", "pillow-jxl-plugin": "pillow_jxl"}


def _load_plugin(package: str) -> bool:
    """Add an optional format to Pillow; return whether its package is installed."""
    try:
        import_module(_PLUGINS[package])
    except ImportError:
        return False
    return True


PngImagePlugin.MAX_TEXT_CHUNK = 1 << 24  # bytes; Photoshop's XMP may have several megabytes
_INSTALLED = {"", *filter(_load_plugin, _PLUGINS)}
PILLOW_FORMATS = tuple(dict.fromkeys(f.pillow for f in FORMATS if f.package in _INSTALLED))


def is_photo_name(path: PurePath) -> bool:
    """Return whether the suffix is a photo's, and the file neither hidden nor macOS metadata."""
    return path.suffix.lower() in SUFFIXES and not is_hidden(path)


def is_hidden(path: PurePath) -> bool:
    """Return whether a file or a folder above it is hidden, or macOS metadata."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def explain_unknown(data: bytes) -> tuple[str, str]:
    """Explain why the content of a file is no photo.

    Returns:
        A sentence for the user without a full stop, and the kind of problem: "unsupported" for a
        format that is not read, else "unreadable".
    """
    if kind := describe_tiff(data):
        return f"a TIFF of this kind ({kind}) is not read: convert it to 16-bit RGB", "unsupported"
    for kind, table in (("unsupported", _UNSUPPORTED), ("unreadable", _BROKEN)):
        for beginning, reason in table:
            if re.match(beginning, data[:64], re.DOTALL | re.IGNORECASE):
                return reason, kind
    return f"this is not an image, or not one of {', '.join(PILLOW_FORMATS)}", "unreadable"
