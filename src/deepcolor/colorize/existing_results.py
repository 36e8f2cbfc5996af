"""What becomes of a photo whose result is there already."""

import os
from pathlib import Path

from PIL import Image

from colorization.data.photo_formats import PILLOW_FORMATS
from deepcolor.colorize.find_photos import FILMS
from deepcolor.colorize.plan import ColorizeOptions, Job
from deepcolor.colorize.provenance import is_tagged

DONE_BEFORE = "done before; --force colorizes it again"


def check_target(job: Job, options: ColorizeOptions) -> Job:
    """Return a job, with a problem if its result would overwrite a file."""
    if job.problem or options.force or job.target is None or not os.path.lexists(job.target):
        return job
    # A result that the user named may be that of another photo.
    if not job.target_is_named and _is_own_result(job.target):
        return job._replace(problem=DONE_BEFORE)
    problem = f"{job.target} exists; --force overwrites it"
    return job._replace(problem=problem, skipped=job.searched or options.skip_existing)


def _is_own_result(path: Path) -> bool:
    if path.suffix.lower() in FILMS:
        return _is_own_film(path)
    try:
        with Image.open(path, formats=PILLOW_FORMATS) as image:
            return is_tagged(image.getexif())
    except Exception:  # Pillow raises a dozen types for what is no photo
        return False


def _is_own_film(path: Path) -> bool:
    from deepcolor.colorize.film_file import read_film

    try:
        return read_film(path).is_colorized
    except ValueError:  # no film, or no ffmpeg
        return False
