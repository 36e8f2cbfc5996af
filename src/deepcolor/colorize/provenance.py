"""What a result says about itself: that it was colorized, and what its photo's file said.

EXIF keeps descriptions, dates, places and the exposure; XMP and a PNG's texts are kept whole. Three
places tell of the colors: EXIF's Software and ImageDescription, IPTC's DigitalSourceType in XMP,
and a PNG's texts. Nothing is drawn on the picture.
"""

import functools
import re
from importlib.metadata import version
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.PngImagePlugin import PngInfo

NAME = "Deep Colorization"
NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
XMP_KEYWORD = "XML:com.adobe.xmp"

# Of a TIFF the rest describes how its pixels are stored, which is not how ours are.
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
# How descriptions begin that tell a program (tifffile, ImageJ, OME) how the old pixels are stored.
LAYOUTS = ('{"shape"', "ImageJ=", "<?xml")
# Meaningful only where the camera wrote them, or to the old pixels.
DROPPED = (
    Base.MakerNote,
    Base.ExifImageWidth,
    Base.ExifImageHeight,
    Base.ColorSpace,
    Base.ExifInteroperabilityOffset,
)


@functools.cache
def software() -> str:
    """Return the name and version of this program."""
    return f"{NAME} {version('deep-colorization')}"


def statement() -> str:
    """Return the sentence that a result carries."""
    return f"Colorized by {software()}: the colors are a neural network's guess"


def is_tagged(exif: Image.Exif) -> bool:
    """Return whether a photo says that this program colorized it."""
    return str(exif.get(Base.Software, "")).startswith(NAME)


def tag_exif(exif: Image.Exif) -> Image.Exif:
    """Make the EXIF of a result.

    Args:
        exif: Of its photo.

    Returns:
        What is worth keeping of it, and the label; no orientation and no thumbnail.
    """
    kept = Image.Exif()
    for tag in KEPT:
        if tag in exif:
            kept[tag] = _raw(exif[tag])
    for ifd in (IFD.Exif, IFD.GPSInfo):
        entries = {tag: _raw(v) for tag, v in exif.get_ifd(ifd).items() if tag not in DROPPED}
        if entries:
            kept.get_ifd(ifd).update(entries)
    described = _described(exif)
    text = f"{described} [{statement()}]" if described else statement()
    kept[Base.ImageDescription] = _raw(text)
    kept[Base.Software] = software()
    return kept


def _described(exif: Image.Exif) -> str:
    text = str(exif.get(Base.ImageDescription, "")).strip()
    return "" if text.startswith(LAYOUTS) else text


def _raw(value: Any) -> Any:
    # Pillow reads text byte by byte, as Latin-1, and would write "?" for what is not ASCII.
    return value if not isinstance(value, str) or value.isascii() else value.encode("latin-1")


def without_orientation(xmp: bytes) -> bytes:
    """Take the orientation out of an XMP packet; the pixels are upright."""
    xmp = re.sub(rb'\s*tiff:Orientation="[0-9]"', b"", xmp)
    return re.sub(rb"<tiff:Orientation>[0-9]</tiff:Orientation>", b"", xmp)


def tag_xmp(xmp: bytes) -> bytes:
    """Make the XMP packet of a result.

    Args:
        xmp: Of its photo; may be empty.

    Returns:
        The packet with IPTC's "algorithmically enhanced" in it.
    """
    head, end, tail = (xmp if xmp.count(b"</rdf:RDF>") == 1 else _EMPTY).partition(b"</rdf:RDF>")
    label = (
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{NAMESPACE}">'
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        "</rdf:Description>"
    )
    return head + label.encode() + end + tail


_EMPTY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>'
)


def tag_png_texts(texts: dict[str, str], xmp: bytes) -> PngInfo:
    """Make the texts of a PNG.

    Args:
        texts: Of the photo, by keyword.
        xmp: Of the result.

    Returns:
        The photo's texts and the label.
    """
    info = PngInfo()
    for keyword, text in texts.items():
        if keyword not in (XMP_KEYWORD, "Software", "Comment"):
            info.add_itxt(keyword, text)
    info.add_text("Software", software())
    info.add_text("Comment", statement())
    info.add_itxt(XMP_KEYWORD, xmp.decode("utf-8", "replace"))
    return info
