"""Sample photos for a chain without photos: portraits drawn on this machine."""

import shutil
from pathlib import Path

import skimage.data
from PIL import Image

from deepcolor.portraits import write_portraits

DRAWINGS = 240
DRAWINGS_ELSEWHERE = 4


def sample_photos(folder: Path) -> Path:
    """Draw the training portraits, always the same ones, and return their folder.

    Args:
        folder: Folder to write; what is in it is deleted.
    """
    shutil.rmtree(folder, ignore_errors=True)
    write_portraits(folder, DRAWINGS, seed=0, style="studio")
    return folder


def sample_elsewhere(folder: Path) -> Path:
    """Make five test portraits: four drawings in another style, and a photo of an astronaut.

    The photo is scikit-image's (NASA, public domain).

    Args:
        folder: Folder to write; what is in it is deleted.

    Returns:
        `folder`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    write_portraits(folder, DRAWINGS_ELSEWHERE, seed=1, style="elsewhere")
    Image.fromarray(skimage.data.astronaut()).save(folder / "astronaut.jpg", quality=92)
    return folder
