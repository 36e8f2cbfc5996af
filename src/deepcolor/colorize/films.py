"""Colorizing films frame by frame, without flicker, and with all that is beside the picture."""

import re
import stat
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from colorization.files import atomic_path
from colorization.inference.colorize import predict_small_chroma
from colorization.inference.predictor import Predictor
from colorization.inference.recolor import recolor
from deepcolor.colorize.ffmpeg import Ffmpeg
from deepcolor.colorize.film_file import Film, FilmFrames
from deepcolor.colorize.film_tracks import (
    KeptTrack,
    keep_tracks,
    tell_of_tracks,
    track_arguments,
)
from deepcolor.colorize.plan import ColorizeOptions
from deepcolor.colorize.provenance import NAME, statement
from deepcolor.colorize.side_by_side import GAP, side_by_side, to_grayscale
from deepcolor.colorize.temporal_smoother import TemporalSmoother

# At a quality that hardly shows.
H264 = ["-c:0", "libx264", "-crf", "18", "-preset", "medium"]
INTERLACED = ["-flags:0", "+ilme+ildct"]
PICTURE_METADATA = ("language", "title", "timecode")
# The names of matrices for the filter that applies them; other films get that of HDTV.
MATRICES = {
    "bt709": "bt709",
    "smpte170m": "smpte170m",
    "bt470bg": "bt470",
    "smpte240m": "smpte240m",
    "fcc": "fcc",
    "bt2020nc": "bt2020",
}


def colorize_film(
    film: Film,
    target: Path,
    predictor: Predictor,
    options: ColorizeOptions,
    on_frame: Callable[[int], None],
) -> list[str]:
    """Colorize a film and copy its other tracks; the result is written whole or not at all.

    `on_frame` is called after every frame with the estimated number of frames.

    Returns:
        Warnings for the user.

    Raises:
        ValueError: If the film cannot be read, or the result cannot be written.
    """
    frames, smoother = FilmFrames(film), TemporalSmoother()
    count = 0
    with _result(target, options) as part:
        tracks = keep_tracks(film, part)
        with _open_writer(film, part, tracks, options) as write:
            for frame in frames:
                colored = _colorize_frame(frame, predictor, options, smoother)
                if options.side_by_side:
                    colored = side_by_side(to_grayscale(frame), colored)
                write(colored)
                count += 1
                on_frame(film.frames)
            if not count:
                raise ValueError(f"the film has no frames: {frames.problem}")
    damage = f"the film is damaged or incomplete (ffmpeg: {frames.problem})"
    notes = [damage] if frames.problem else []
    if film.bits > 8:
        notes.append(f"its {film.bits} bits per channel are reduced to 8")
    return [*notes, *tell_of_tracks(tracks, target.suffix.lower())]


def _colorize_frame(
    image: np.ndarray, predictor: Predictor, options: ColorizeOptions, smoother: TemporalSmoother
) -> np.ndarray:
    small = predict_small_chroma(predictor, image, fast=options.fast)
    return recolor(image, smoother(*small), options.strength)


@contextmanager
def _result(target: Path, options: ColorizeOptions) -> Iterator[Path]:
    """Yield the temporary name of a result; tell what keeps it from being written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # What would fail after the last frame fails now: a long name, a folder that is closed.
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(target.stat().st_mode):
                raise IsADirectoryError("it is a folder")
        with atomic_path(target, overwrite=options.force) as part:
            part.touch()
            yield part
    except OSError as error:
        reason = error.strerror or str(error)
        if isinstance(error, FileExistsError) and target.parent.is_dir():
            reason = "it exists; --force overwrites it"
        raise ValueError(f"cannot write {target}: {reason.lower()}") from error


@contextmanager
def _open_writer(
    film: Film, part: Path, tracks: Sequence[KeptTrack], options: ColorizeOptions
) -> Iterator[Callable[[np.ndarray], None]]:
    width = film.width * 2 + GAP if options.side_by_side else film.width
    size = f"{width}x{film.height}"
    arguments = ["-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", size]
    arguments += ["-framerate", str(film.rate), "-i", "-", "-i", f"file:{film.path}"]
    arguments += ["-map", "0:v", *H264, *(INTERLACED if film.field_order else [])]
    arguments += ["-filter:0", _filters(film), *track_arguments(tracks, 1, 1)]
    arguments += [*_metadata_arguments(film), f"file:{part}"]
    with Ffmpeg(arguments, stdin=subprocess.PIPE) as ffmpeg:

        def finish() -> None:
            if ffmpeg.wait() or ffmpeg.write_error():
                raise OSError(ffmpeg.reason())

        def write(frame: np.ndarray) -> None:
            if not ffmpeg.write(np.ascontiguousarray(frame)):
                finish()
                raise OSError("ffmpeg ended early")

        yield write
        finish()


def _filters(film: Film) -> str:
    """Return the filters from frames in sRGB to the picture of the result."""
    matrix, primaries, transfer = (
        "bt709" if name in ("unknown", "reserved") else name
        for name in film.colors or ("bt709",) * 3
    )
    if matrix not in MATRICES:
        matrix = "bt709"
    # Of an interlaced film, each field has the chroma of its own lines.
    return ",".join(
        [
            "pad=ceil(iw/2)*2:ceil(ih/2)*2",  # H.264 needs even sides
            f"setfield={film.field_order or 'prog'}",
            f"scale=out_color_matrix={MATRICES[matrix]}:out_range=tv"
            f":interl={int(film.field_order is not None)}",
            "format=yuv420p",
            f"setparams=range=tv:colorspace={matrix}:color_primaries={primaries}"
            f":color_trc={transfer}",
            f"setsar={film.pixel_shape}:max=65535",
        ]
    )


def _metadata_arguments(film: Film) -> list[str]:
    arguments = ["-map_metadata", "1", "-map_chapters", "1"]
    for key in PICTURE_METADATA:
        if key in film.picture_metadata:
            arguments += ["-metadata:s:0", f"{key}={film.picture_metadata[key]}"]
    earlier = rf"\s*\[?Colorized by {NAME}[^]]*\]?$"
    comment = re.sub(earlier, "", film.metadata.get("comment", ""))
    text = f"{comment} [{statement()}]" if comment else statement()
    return [*arguments, "-metadata", f"comment={text}"]
