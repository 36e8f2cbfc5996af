"""A project with a chain of three small kernels, which publish as the real ones do."""

import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from colorization.files import save_json

ROOT = Path(__file__).parents[2]
SHIPPED = ("files.py", "kaggle/paths.py", "kaggle/publish.py", "kaggle/run.py")
OWNER = "kaggle-username"
CODE = f"{OWNER}/deep-colorization-code"
BOOTSTRAP = """
import os, sys
from dataclasses import dataclass
from pathlib import Path
CHAIN = {}
INPUT = Path(os.environ.get("KAGGLE_CACHE_MOUNT_FOLDER", "/kaggle/input"))
NAME = "deep-colorization-code"
FOUND = [*INPUT.glob(f"{NAME}/src*"), *INPUT.glob(f"datasets/*/{NAME}/src*")]
if not FOUND:
    raise FileNotFoundError("no code yet: wait until it is ready, then push the kernel again")
sys.path[:0] = [str(FOUND[0])]
from colorization.kaggle.run import Run
from colorization.files import save_json

@dataclass
class Config:
    number: int = NUMBER

output = Path.cwd()
"""
# Its requests go through the proxy, too.
MAKE = """
run = Run("make", CHAIN)
photos = run.input("deep-colorization-photos")
pixels = b"".join(path.read_bytes() for path in sorted(photos.rglob("*.png")))
(output / "whole.tfrecord").write_bytes(pixels * Config.number)
(output / "parts").mkdir()
for part in range(3):
    (output / "parts" / f"{part}.bin").write_bytes(pixels[part::3])
run.finish(output, Config())
os.environ["http_proxy"] = os.environ["HTTP_PROXY"] = "PROXY"
from colorization.kaggle.publish import publish
print("published" if publish(run, output) else "left to the driver")
"""
USE = """
run = Run("use", CHAIN)
records = run.input("tiny-records")
names = ["parts/0.bin", "parts/1.bin", "parts/2.bin", "whole.tfrecord"]
sizes = {name: (records / name).stat().st_size for name in names}
save_json(output / "sizes.json", sizes)
(output / "copies").mkdir()
(output / "copies" / "start.bin").write_bytes((records / "whole.tfrecord").read_bytes()[:20000])
run.finish(output, Config())
"""
REPORT = """
run = Run("report", CHAIN)
print((run.input("tiny-results") / "sizes.json").read_text())
"""
KERNELS = {
    "make": (MAKE, "records", [CODE, "jessicali9530/celeba-dataset"]),
    "use": (USE, "results", [CODE, f"{OWNER}/tiny-records"]),
    "report": (REPORT, "", [CODE, f"{OWNER}/tiny-results"]),
}


def write_project(folder: Path, proxy: str, number: int, internet: bool = True) -> None:
    """Write the project and its photos.

    Args:
        folder: Folder to write; what is in it is deleted.
        proxy: Address at which the first kernel reaches the stand-in.
        number: Number that the outputs depend on: another number is another revision.
        internet: Whether the first kernel may publish its output itself.
    """
    shutil.rmtree(folder, ignore_errors=True)
    code = folder / "src" / "colorization"
    code.mkdir(parents=True)
    (code / "__init__.py").write_text('"""What a chain cannot do without."""')
    for name in SHIPPED:
        (code / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "src" / "colorization" / name, code / name)
    shutil.copy(ROOT / "dataset-metadata.json", folder)
    for name, (text, output, sources) in KERNELS.items():
        bootstrap = BOOTSTRAP.replace("NUMBER", str(number))
        text = bootstrap + text.replace("PROXY", proxy)
        _write_kernel(folder, name, text, output, sources, internet and name == "make")
    write_photos(folder / "photos")


def _write_kernel(
    folder: Path, name: str, text: str, output: str, sources: list[str], internet: bool
) -> None:
    kernel = {"id": f"{OWNER}/tiny-{name}", "title": f"Tiny {name}", "language": "python"}
    kernel |= {"kernel_type": "script", "enable_internet": internet}
    kernel |= {"dataset_sources": sources}
    room = folder / "kernels" / name
    room.mkdir(parents=True)
    (room / f"{name}.py").write_text(text)
    if output:
        dataset = {"id": f"{OWNER}/tiny-{output}", "title": f"Tiny {output}"}
        save_json(room / "dataset-metadata.json", dataset | {"licenses": [{"name": "CC0-1.0"}]})
    at = room if name != "report" else folder
    save_json(at / "kernel-metadata.json", kernel | {"code_file": _code_file(name)})


def _code_file(name: str) -> str:
    return f"kernels/{name}/{name}.py" if name == "report" else f"{name}.py"


def write_photos(folder: Path) -> None:
    """Write three photos of noise."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0)
    for number in range(3):
        pixels = noise.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


def read_json(file: Path) -> dict[str, object]:
    """Read a JSON object."""
    return dict(json.loads(file.read_text()))
