"""Colorizing films frame by frame, without flicker and with their sound."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from colorization.files import atomic_path
from colorization.inference.colorize import predict_small_chroma
from colorization.inference.predictor import Predictor
from colorization.inference.recolor import recolor
from deepcolor.colorize.plan import ColorizeOptions
from deepcolor.colorize.provenance import NAME, statement
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale
from deepcolor.colorize.temporal_smoother import TemporalSmoother
from deepcolor.errors import missing_extra

# H.264 at a quality that hardly shows; it needs even sides.
ENCODING = ["-crf", "18", "-preset", "medium", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"]
MISSING = missing_extra("video")


def is_tagged_film(source: Path) -> bool:
    """Return whether the metadata of a film state that this program colorized it.

    Raises:
        ValueError: If ffmpeg is not installed.
    """
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise ValueError(MISSING) from error
    command = [get_ffmpeg_exe(), "-v", "error", "-i", f"file:{source}", "-f", "ffmetadata", "-"]
    metadata = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).stdout
    return f"=Colorized by {NAME}".encode() in metadata


def colorize_film(
    source: Path,
    target: Path,
    predictor: Predictor,
    options: ColorizeOptions,
    on_frame: Callable[[int], None],
) -> list[str]:
    """Colorize a film and copy its sound; the result is written whole or not at all.

    `on_frame` is called after every frame with the estimated number of frames.

    Returns:
        Warnings for the user.

    Raises:
        ValueError: If ffmpeg is not installed, or the film cannot be read.
    """
    reader = _open_film(source)
    meta = reader.get_meta_data()
    smoother = TemporalSmoother()
    count = 0
    with reader, _open_writer(source, target, meta) as append:
        for frame in reader.iter_data():
            colored = _colorize_frame(frame, predictor, options, smoother)
            append(side_by_side(to_grayscale(frame), colored) if options.side_by_side else colored)
            count += 1
            on_frame(round(meta["duration"] * meta["fps"]))
        if not count:
            raise ValueError("the film has no frames")
    return [] if "audio_codec" in meta else ["the film has no sound"]


def _colorize_frame(
    image: np.ndarray, predictor: Predictor, options: ColorizeOptions, smoother: TemporalSmoother
) -> np.ndarray:
    small = predict_small_chroma(predictor, image, options.temperature, bool(options.quality))
    return recolor(image, smoother(*small), options.strength)


def _open_film(source: Path) -> Any:
    try:
        import imageio.v2 as imageio

        return imageio.get_reader(source, "ffmpeg")
    except ImportError as error:
        raise ValueError(MISSING) from error
    except (OSError, IndexError, RuntimeError, ValueError) as error:
        raise ValueError("ffmpeg cannot read this film") from error


@contextmanager
def _open_writer(source: Path, target: Path, meta: dict[str, Any]) -> Iterator[Callable[..., None]]:
    import imageio.v2 as imageio

    target.parent.mkdir(parents=True, exist_ok=True)
    # Matroska holds any sound; other containers hold that of their own kind.
    copied = target.suffix.lower() in (".mkv", source.suffix.lower())
    sound = {"audio_path": str(source), "audio_codec": "copy" if copied else "aac"}
    with atomic_path(target) as part:
        writer = imageio.get_writer(
            part,
            "ffmpeg",
            fps=meta["fps"],
            codec="libx264",
            quality=None,
            macro_block_size=1,
            output_params=[*ENCODING, "-metadata", f"comment={statement()}"],
            **(sound if "audio_codec" in meta else {}),
        )
        with writer:
            yield writer.append_data
