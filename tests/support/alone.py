"""Running code in a process that cannot import this project."""

import subprocess
import sys
from pathlib import Path

_HIDE = """
import sys

class Absent:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in ("colorization", "deepcolor", "kaggle_local"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
"""


def run_alone(code: str, *arguments: str | Path) -> str:
    """Run code with `sys.argv[1:]`, and return what it prints."""
    command = [sys.executable, "-c", _HIDE + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
