"""Hide the packages that are installed together with the stand-in from kernels: Kaggle lacks them.

The sandbox copies this file as `sitecustomize.py`, which Python imports when it starts, beside
`hidden.json`: the folder of the packages and their names. It imports only the standard library.
"""

import json
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

_HIDDEN = json.loads(Path(__file__).with_name("hidden.json").read_text("utf-8"))


class _OtherFolders(PathFinder):
    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Look for a hidden package in all folders but the one that it is hidden in."""
        if path is None and fullname in _HIDDEN["packages"]:
            path = [entry for entry in sys.path if str(Path(entry).resolve()) != _HIDDEN["folder"]]
        return PathFinder.find_spec(fullname, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = _OtherFolders
