"""What the chain learns from when no photos are given: drawn portraits, made on this machine."""

import shutil
from pathlib import Path

import skimage.data
from PIL import Image

from deepcolor.portraits import write_portraits

DRAWINGS = 240
DRAWINGS_ELSEWHERE = 4


def sample_photos(folder: Path) -> Path:
    """Draw the portraits to learn from; the same ones every time.

    Args:
        folder: Where to; what was there is replaced.

    Returns:
        `folder`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    write_portraits(folder, DRAWINGS, seed=0, style="studio")
    return folder


def sample_elsewhere(folder: Path) -> Path:
    """Make five portraits "from elsewhere": four drawings in another hand and one real photo.

    The photo is scikit-image's astronaut (NASA, public domain).

    Args:
        folder: Where to; what was there is replaced.

    Returns:
        `folder`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    write_portraits(folder, DRAWINGS_ELSEWHERE, seed=1, style="elsewhere")
    Image.fromarray(skimage.data.astronaut()).save(folder / "astronaut.jpg", quality=92)
    return folder
