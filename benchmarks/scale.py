"""Preparation from a thousand photos to two hundred thousand: peak memory and cost per photo.

    python benchmarks/scale.py --data photos/ --output build/benchmarks/scale.json

Each size runs in a process of its own, on the same photos repeated under new names. The records of
200,000 photos take 10 GB of disk while it runs.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from data_path import repeated

SIZES = (1_000, 10_000, 50_000, 200_000)
PREPARE = """
import json, resource, sys, time
from pathlib import Path
from colorization.codes import code_table
from colorization.config import Preparation
from colorization.preparation import write_records
from colorization.sources import open_sources, split_photos

code_table()
started = time.perf_counter()
photos, problems = open_sources([Path(sys.argv[1])], Path(sys.argv[2]))
write_records(split_photos(photos, 0.1), Path(sys.argv[2]), Preparation(), problems)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"photos": len(photos), "seconds": seconds, "peak_mib": peak}))
"""


def measure(data: Path | None, count: int) -> dict[str, float]:
    """Prepare so many photos in a process of its own."""
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    photos = repeated(data, folder, count)
    command = [sys.executable, "-c", PREPARE, str(photos), str(folder / "records")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    shutil.rmtree(folder)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found | {"microseconds_per_photo": found["seconds"] / count * 1e6}


def main(
    data: Annotated[Path | None, typer.Option(help="Photos; drawn ones if none.")] = None,
    sizes: Annotated[list[int] | None, typer.Option(help="Numbers of photos.")] = None,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure every size and print it."""
    rows = [measure(data, count) for count in sizes or SIZES]
    for row in rows:
        print(
            f"{row['photos']:>7} photos: {row['microseconds_per_photo']:.0f} µs a photo, "
            f"peak {row['peak_mib']:.0f} MiB"
        )
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
