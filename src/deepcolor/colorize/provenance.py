"""The metadata of a result: those of its photo, and tags that state that it was colorized.

The tags are EXIF's Software and ImageDescription, IPTC's DigitalSourceType in the XMP, and PNG
texts. Nothing is drawn on the picture.
"""

import functools
import re
from importlib.metadata import version
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.PngImagePlugin import PngInfo

NAME = "Deep Colorization"
COLORIZED_BEFORE = "this program has colorized it before; --force colorizes it again"
NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
XMP_KEYWORD = "XML:com.adobe.xmp"

# The other tags of a TIFF describe how the pixels of the photo were stored.
KEPT = (
    Base.ProcessingSoftware,
    Base.DocumentName,
    Base.ImageDescription,
    Base.Make,
    Base.Model,
    Base.PageName,
    Base.DateTime,
    Base.Artist,
    Base.HostComputer,
    Base.Rating,
    Base.RatingPercent,
    Base.Copyright,
    Base.XPTitle,
    Base.XPComment,
    Base.XPAuthor,
    Base.XPKeywords,
    Base.XPSubject,
)
# Beginnings of descriptions that describe the old pixels to tifffile, ImageJ and OME.
LAYOUTS = ('{"shape"', "ImageJ=", "<?xml")
# Valid only in the camera's own file or for the old pixels.
DROPPED = (
    Base.MakerNote,
    Base.ExifImageWidth,
    Base.ExifImageHeight,
    Base.ColorSpace,
    Base.ExifInteroperabilityOffset,
)


class NeedsForceError(ValueError):
    """A photo or film that is colorized with `--force` only; the message says why."""


@functools.cache
def software() -> str:
    """Return the name and version of this program."""
    return f"{NAME} {version('deep-colorization')}"


def statement() -> str:
    """Return the sentence that is written to a result's metadata."""
    return f"Colorized by {software()}: the colors are a neural network's guess"


def is_tagged(exif: Image.Exif) -> bool:
    """Return whether the EXIF of a photo states that this program colorized it."""
    return str(exif.get(Base.Software, "")).startswith(NAME)


def tag_exif(exif: Image.Exif) -> Image.Exif:
    """Return the EXIF of a result: that of its photo without orientation and thumbnail, tagged."""
    kept = Image.Exif()
    for tag in KEPT:
        if tag in exif:
            kept[tag] = _raw(exif[tag])
    for ifd in (IFD.Exif, IFD.GPSInfo):
        entries = {tag: _raw(v) for tag, v in exif.get_ifd(ifd).items() if tag not in DROPPED}
        if entries:
            kept.get_ifd(ifd).update(entries)
    description = _description(exif)
    text = f"{description} [{statement()}]" if description else statement()
    kept[Base.ImageDescription] = _raw(text)
    kept[Base.Software] = software()
    return kept


def _description(exif: Image.Exif) -> str:
    text = str(exif.get(Base.ImageDescription, "")).strip()
    return "" if text.startswith(LAYOUTS) else text


def _raw(value: Any) -> Any:
    # Pillow decodes text as Latin-1, and would write "?" for other characters than ASCII.
    return value if not isinstance(value, str) or value.isascii() else value.encode("latin-1")


def without_orientation(xmp: bytes) -> bytes:
    """Return an XMP packet without its orientation."""
    xmp = re.sub(rb'\s*tiff:Orientation="[0-9]"', b"", xmp)
    return re.sub(rb"<tiff:Orientation>[0-9]</tiff:Orientation>", b"", xmp)


def tag_xmp(xmp: bytes) -> bytes:
    """Return an XMP packet, which may be empty, with the tag "algorithmically enhanced"."""
    head, end, tail = (xmp if xmp.count(b"</rdf:RDF>") == 1 else _EMPTY).partition(b"</rdf:RDF>")
    tag = (
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{NAMESPACE}">'
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        "</rdf:Description>"
    )
    return head + tag.encode() + end + tail


_EMPTY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>'
)


def tag_png_texts(texts: dict[str, str], xmp: bytes, comment: bytes = b"") -> PngInfo:
    """Return the texts of a PNG by keyword, tagged, with the XMP packet and comment of a result."""
    info = PngInfo()
    for keyword, text in texts.items():
        if keyword not in (XMP_KEYWORD, "Software", "Comment"):
            info.add_itxt(keyword, text, zip=len(text) > 1000)
    info.add_text("Software", software())
    before = texts.get("Comment") or comment.decode("utf-8", "replace")
    info.add_itxt("Comment", f"{before} [{statement()}]" if before else statement())
    info.add_itxt(XMP_KEYWORD, xmp.decode("utf-8", "replace"))
    return info
