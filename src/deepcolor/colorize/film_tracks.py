"""Which tracks of a film its result can hold: as they are, converted, or not at all."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from deepcolor.colorize.ffmpeg import Ffmpeg
from deepcolor.colorize.film_file import Film, Track

COPY = "copy"
# What each kind becomes where a container cannot hold it, in Matroska and in others.
CONVERSIONS = {"Audio": ("aac", "aac"), "Subtitle": ("srt", "mov_text")}
NAMES = {
    "Audio": "sound track",
    "Subtitle": "subtitle track",
    "Video": "picture track",
    "Data": "data track",
    "Attachment": "attachment",
    "Unknown": "unknown track",
}


class KeptTrack(NamedTuple):
    """A track and the codec of ffmpeg that writes it; None if it is left out."""

    track: Track
    codec: str | None


def keep_tracks(film: Film, part: Path) -> list[KeptTrack]:
    """Decide how the tracks of a film are written.

    Args:
        film: The film.
        part: A file in the format of the result, which is overwritten to try what it holds.

    Raises:
        OSError: If the file cannot be written.
    """
    whole = [KeptTrack(track, COPY) for track in film.tracks if _may_be_copied(track, part)]
    if len(whole) == len(film.tracks) and _holds(film, whole, part):
        return whole
    return [KeptTrack(track, _find_codec(film, track, part)) for track in film.tracks]


def _may_be_copied(track: Track, part: Path) -> bool:
    # ffmpeg makes of a cover a second film, of a single frame, in Matroska.
    return not (track.is_cover and part.suffix.lower() == ".mkv")


def _find_codec(film: Film, track: Track, part: Path) -> str | None:
    codecs = [COPY] if _may_be_copied(track, part) else []
    if track.kind in CONVERSIONS:
        codecs.append(CONVERSIONS[track.kind][part.suffix.lower() != ".mkv"])
    return next((codec for codec in codecs if _holds(film, [KeptTrack(track, codec)], part)), None)


def _holds(film: Film, tracks: Sequence[KeptTrack], part: Path) -> bool:
    if not tracks:
        return True
    arguments = ["-y", "-i", f"file:{film.path}", *track_arguments(tracks, 0, 0), "-t", "0"]
    with Ffmpeg([*arguments, f"file:{part}"]) as ffmpeg:
        status = ffmpeg.wait()
        if error := ffmpeg.write_error():
            raise OSError(error)
        return status == 0


def track_arguments(tracks: Sequence[KeptTrack], source: int, first: int) -> list[str]:
    """Return the arguments of ffmpeg that write these tracks.

    Args:
        tracks: The tracks.
        source: The number of the film among the inputs.
        first: The number of the first track in the result.
    """
    arguments = []
    kept = [(track, codec) for track, codec in tracks if codec]
    for number, (track, codec) in enumerate(kept, first):
        arguments += ["-map", f"{source}:{track.index}", f"-c:{number}", codec]
    return arguments


def tell_of_tracks(tracks: Sequence[KeptTrack], suffix: str) -> list[str]:
    """Return what the user should know about tracks that are not copied, or stay uncolored."""
    notes = [] if any(track.kind == "Audio" for track, _ in tracks) else ["the film has no sound"]
    for (name, before, codec), count in Counter(map(_change, tracks)).items():
        text = f"{count} {name}{'s' if count > 1 else ''}"
        text += f" in {before}" if before != "none" else ""
        if codec == COPY and name == NAMES["Video"]:
            notes.append(f"left black and white: {text}")
        elif codec is None:
            notes.append(f"left out, as it cannot be written to {suffix}: {text}")
        elif codec != COPY:
            notes.append(f"converted to {codec} for {suffix}: {text}")
    return notes


def _change(kept: KeptTrack) -> tuple[str, str, str | None]:
    return "cover" if kept.track.is_cover else NAMES[kept.track.kind], kept.track.codec, kept.codec
