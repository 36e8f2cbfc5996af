"""Films, frame by frame, with colors that do not flicker and with their sound."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from colorization.inference.colorize import predict_small_chroma
from colorization.inference.predictor import Predictor
from colorization.inference.recolor import recolor
from deepcolor.colorize.options import ColorizeOptions
from deepcolor.colorize.provenance import NAME, statement
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale
from deepcolor.colorize.temporal_smoother import TemporalSmoother
from deepcolor.errors import missing_extra

# H.264 at a quality that hardly shows; it wants even sides, and players want these colors.
ENCODING = ["-crf", "18", "-preset", "medium", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"]


MISSING = missing_extra("video")


def is_labelled_film(source: Path) -> bool:
    """Return whether a film says that this program colorized it.

    Args:
        source: Its file; what is no film says nothing.

    Raises:
        ValueError: If ffmpeg is not installed.
    """
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise ValueError(MISSING) from error
    command = [get_ffmpeg_exe(), "-v", "error", "-i", f"file:{source}", "-f", "ffmetadata", "-"]
    said = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).stdout
    return f"=Colorized by {NAME}".encode() in said


def colorize_film(
    source: Path,
    target: Path,
    network: Predictor,
    options: ColorizeOptions,
    on_frame: Callable[[int], None],
) -> list[str]:
    """Colorize a film; its sound is copied.

    Args:
        source: The film, of a kind that ffmpeg reads.
        target: File to write, whole or not at all.
        network: What knows the colors.
        options: How.
        on_frame: Told after every frame how many there are about.

    Returns:
        What the user should know.

    Raises:
        ValueError: If ffmpeg is not installed, or the film cannot be read.
    """
    reader = _opened(source)
    meta = reader.get_meta_data()
    steadiness = TemporalSmoother()
    count = 0
    with reader, _written(source, target, meta) as append:
        for frame in reader.iter_data():
            colored = _colored(frame, network, options, steadiness)
            append(side_by_side(to_grayscale(frame), colored) if options.side_by_side else colored)
            count += 1
            on_frame(round(meta["duration"] * meta["fps"]))
        if not count:
            raise ValueError("there is no frame in it")
    return [] if "audio_codec" in meta else ["without sound, as it was"]


def _colored(
    image: np.ndarray, network: Predictor, options: ColorizeOptions, steadiness: TemporalSmoother
) -> np.ndarray:
    small = predict_small_chroma(network, image, options.temperature, bool(options.quality))
    return recolor(image, steadiness(*small), options.strength)


def _opened(source: Path) -> Any:
    try:
        import imageio.v2 as imageio

        return imageio.get_reader(source, "ffmpeg")
    except ImportError as error:
        raise ValueError(MISSING) from error
    except (OSError, IndexError, RuntimeError, ValueError) as error:
        raise ValueError("ffmpeg cannot read this film") from error


@contextmanager
def _written(source: Path, target: Path, meta: dict[str, Any]) -> Iterator[Callable[..., None]]:
    import imageio.v2 as imageio

    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.stem[:200]}.{os.getpid()}.part{target.suffix}")
    # Matroska holds any sound; other containers hold that of their own kind.
    copied = target.suffix.lower() in (".mkv", source.suffix.lower())
    sound = {"audio_path": str(source), "audio_codec": "copy" if copied else "aac"}
    label = ["-metadata", f"comment={statement()}"]
    writer = imageio.get_writer(
        part,
        "ffmpeg",
        fps=meta["fps"],
        codec="libx264",
        quality=None,
        macro_block_size=1,
        output_params=[*ENCODING, *label],
        **(sound if "audio_codec" in meta else {}),
    )
    try:
        with writer:
            yield writer.append_data
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
