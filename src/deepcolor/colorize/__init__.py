"""Photos in, colorized photos out: the files around `coloriser`.

A photo is planned (`jobs`), read (`pictures`), colorized, labeled (`labels`) and written
(`writing`); `batch` does so with many, `films` with frames, `command` for who types it.
"""

from deepcolor.colorize.encode import save_photo
from deepcolor.colorize.side_by_side import GAP, side_by_side, to_grayscale

__all__ = ["GAP", "save_photo", "side_by_side", "to_grayscale"]
