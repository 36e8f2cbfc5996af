"""Photos in, colourised photos out: the files around `coloriser`.

A photo is planned (`jobs`), read (`pictures`), colourised, labelled (`labels`) and written
(`writing`); `batch` does so with many, `films` with frames, `command` for who types it.
"""

from deepcolor.colorize.encode import save_photo
from deepcolor.colorize.side_by_side import GAP, beside, black_and_white

__all__ = ["GAP", "beside", "black_and_white", "save_photo"]
