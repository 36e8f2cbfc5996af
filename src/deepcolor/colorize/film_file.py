"""Reading films: their picture, frame by frame, and what is beside it in the file."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from deepcolor.colorize.ffmpeg import Ffmpeg
from deepcolor.colorize.provenance import NAME

# The first picture that is not a cover. Films of variable frame rate get a constant one, which
# ffmpeg takes from the time base of the file where it knows no better: never more than 120.
PICTURE = ["-map", "0:V:0", "-fps_mode", "cfr", "-fpsmax", "120", "-c:v", "rawvideo"]
PICTURE += ["-pix_fmt", "rgb24"]
STREAM = re.compile(r"\s*Stream #0:(\d+)(?:\[\w+\])?(?:\([^)]*\))?: (\w+): (\w+)(.*)")
# What follows the pixel format: yuv420p(tv, bt709, progressive), yuv420p(bt470bg/unknown/unknown).
COLORS = re.compile(r", \w+\((?:\d+ bpc, )?(?:(?:tv|pc), )?([\w-]+)(?:/([\w-]+)/([\w-]+))?[,)]")
# In the same place, the order of the fields of an interlaced film.
FIELDS = re.compile(r", \w+\([^)]*\b(top|bottom) (?:coded )?first")
FIELD_ORDERS = {"top": "tff", "bottom": "bff"}
DEPTH = re.compile(r", (?:yuv\w*|gray|gbr\w*|p0)(10|12|14|16)[lb]e\b")
# Tracks that ffmpeg writes anew from the chapters and from the time code in the metadata.
REWRITTEN = ("(text /", "(tmcd /")


@dataclass(frozen=True)
class Track:
    """A track of a film beside its picture."""

    index: int  # in the file
    kind: str  # Audio, Subtitle, Video, Data, Attachment or Unknown
    codec: str
    is_cover: bool = False


@dataclass(frozen=True)
class Film:
    """A film file, and how its picture is shown."""

    path: Path
    width: int
    height: int
    rate: Fraction  # frames per second
    pixel_shape: Fraction  # width of a pixel divided by its height; 0 if it is not known
    colors: tuple[str, str, str] | None  # matrix, primaries and transfer, in ffmpeg's words
    field_order: str | None  # "tff" or "bff" if it is interlaced: top or bottom field first
    bits: int  # per channel
    duration: float  # seconds; 0 if it is not known
    tracks: tuple[Track, ...]
    metadata: dict[str, str] = field(default_factory=dict)
    picture_metadata: dict[str, str] = field(default_factory=dict)

    @property
    def is_colorized(self) -> bool:
        """Whether the metadata state that this program colorized the film."""
        return any(f"Colorized by {NAME}" in text for text in self.metadata.values())

    @property
    def frames(self) -> int:
        """Number of frames that its duration suggests."""
        return round(self.duration * self.rate)


def read_film(path: Path) -> Film:
    """Read what a film file contains; only its first frame is decoded.

    Raises:
        ValueError: If ffmpeg is not installed or cannot read the film.
    """
    arguments = ["-i", f"file:{path}", *PICTURE, "-frames:v", "1", "-f", "framecrc", "-"]
    arguments += ["-map", "0:V:0", "-c", "copy", "-t", "0", "-f", "ffmetadata", "-"]
    with Ffmpeg(arguments, level="info", stdout=subprocess.PIPE) as ffmpeg:
        output = ffmpeg.output.read().decode("utf-8", "replace")
        status = ffmpeg.wait()
        header = re.split(r"(?m)^(?:Stream mapping|Output )", ffmpeg.messages)[0]
        found = dict(re.findall(r"(?m)^#(tb|dimensions|sar) 0: (.*)$", output))
        if status or len(found) < 3:
            raise ValueError(f"ffmpeg cannot read this film: {ffmpeg.reason()}")
    matches = filter(None, map(STREAM.match, header.splitlines()))
    streams = list({int(stream[1]): stream for stream in matches}.values())
    picture = next(stream for stream in streams if stream[2] == "Video" and not _is_cover(stream))
    width, height = map(int, found["dimensions"].split("x"))
    text, _, picture_text = output.partition("\n[STREAM]\n")
    return Film(
        path,
        width,
        height,
        rate=1 / Fraction(found["tb"]),
        pixel_shape=Fraction(found["sar"]),
        colors=_colors(picture[4]),
        field_order=FIELD_ORDERS.get(_found(FIELDS, picture[4])),
        bits=int(_found(DEPTH, picture[4]) or 8),
        duration=_duration(header),
        tracks=tuple(_tracks(streams, picture)),
        metadata=_metadata(text),
        picture_metadata=_metadata(picture_text.partition("\n[")[0]),
    )


def _is_cover(stream: re.Match[str]) -> bool:
    return "(attached pic)" in stream[4]


def _tracks(streams: list[re.Match[str]], picture: re.Match[str]) -> Iterator[Track]:
    for stream in streams:
        index, kind, codec, rest = stream.groups()
        rewritten = kind == "Data" and rest.lstrip().startswith(REWRITTEN)
        if stream is not picture and not rewritten:
            yield Track(int(index), kind, codec, _is_cover(stream))


def _colors(description: str) -> tuple[str, str, str] | None:
    found = COLORS.search(description)
    if found is None or found[1] in ("tv", "pc", "progressive"):
        return None
    return (found[1], found[2] or found[1], found[3] or found[1])


def _found(pattern: re.Pattern[str], description: str) -> str:
    found = pattern.search(description)
    return found[1] if found else ""


def _duration(header: str) -> float:
    found = re.search(r"Duration: (\d+):(\d+):(\d+\.\d+)", header)
    if found is None:
        return 0.0
    return 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])


def _metadata(text: str) -> dict[str, str]:
    """Read ffmpeg's `key=value`, with backslashes before special characters."""
    pairs = re.findall(r"(?m)^([^;#=\[\n][^=\n]*)=((?:\\[\s\S]|[^\\\n])*)$", text)
    return {key.lower(): re.sub(r"\\([\s\S])", r"\1", value) for key, value in pairs}


class FilmFrames:
    """The frames of a film: `(height, width, 3)` uint8 sRGB at its constant rate.

    Example:
        >>> frames = FilmFrames(read_film(Path("film.mp4")))
        >>> for frame in frames:
        ...     show(frame)
    """

    def __init__(self, film: Film) -> None:
        self.film = film
        self.problem: str | None = None  # the first, known after the last frame

    def __iter__(self) -> Iterator[np.ndarray]:
        shape = (self.film.height, self.film.width, 3)
        arguments = ["-i", f"file:{self.film.path}", *PICTURE, "-f", "rawvideo", "-"]
        with Ffmpeg(arguments, stdout=subprocess.PIPE) as ffmpeg:
            size = int(np.prod(shape))
            while len(data := ffmpeg.output.read(size)) == size:
                yield np.frombuffer(data, np.uint8).reshape(shape)
            if ffmpeg.wait() or ffmpeg.messages:
                self.problem = ffmpeg.first_message() or ffmpeg.reason()
