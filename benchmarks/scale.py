"""Peak memory and time per photo of preparation, from a thousand photos to two hundred thousand.

    python -m benchmarks.scale --data photos/ --output build/benchmarks/scale.json

Each size runs in its own processes, on the same photos repeated under new names. The time of the
table of all colors, which a process computes once, is reported apart. The records of 200,000 photos
take 10 GB of disk while it runs. Where they do not fit into memory, the operating system has to
write them back, so its time is reported apart from the program's.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.data_path import repeated

SIZES = (1_000, 20_000, 200_000)
AT_LEAST = 20_000  # photos of a size in all: small sizes take several turns, the median counts
SPENT = ("seconds", "program", "kernel")  # by the clock, and on all cores
PREPARE = """
import json, resource, sys, time
from pathlib import Path
from colorization.color.lab_lookup import lab_code_table
from colorization.config import Preparation
from colorization.data.prepare import write_records
from colorization.data.sources import open_sources
from colorization.data.splits import split_photos

started = time.perf_counter()
lab_code_table()
once = time.perf_counter() - started
before = resource.getrusage(resource.RUSAGE_SELF)
started = time.perf_counter()
photos, problems = open_sources([Path(sys.argv[1])], Path(sys.argv[2]))
write_records(split_photos(photos, 0.1), Path(sys.argv[2]), Preparation(), problems)
seconds = time.perf_counter() - started
after = resource.getrusage(resource.RUSAGE_SELF)
program, kernel = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
print(json.dumps({"once": once, "seconds": seconds, "program": program, "kernel": kernel,
                  "peak_mib": after.ru_maxrss / 1024}))
"""


def measure(data: Path | None, count: int) -> dict[str, float]:
    """Prepare `count` photos a few times, each time in a new process."""
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    photos = repeated(data, folder, count)
    command = [sys.executable, "-c", PREPARE, str(photos), str(folder / "records")]
    found: list[dict[str, float]] = []
    for _ in range(max(1, min(5, AT_LEAST // count))):
        shutil.rmtree(folder / "records", ignore_errors=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    shutil.rmtree(folder)
    medians = {key: statistics.median(turn[key] for turn in found) for key in found[0]}
    each = {f"{key}_a_photo": medians[key] / count for key in SPENT}
    return {"photos": count} | medians | each


def main(
    data: Annotated[Path | None, typer.Option(help="Photos; drawn ones if none.")] = None,
    sizes: Annotated[list[int] | None, typer.Option(help="Numbers of photos.")] = None,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure every size and print it."""
    rows = [measure(data, count) for count in sizes or SIZES]
    for row in rows:
        whole, program, kernel = (row[f"{key}_a_photo"] * 1e6 for key in SPENT)
        print(
            f"{row['photos']:>7} photos: {whole:.0f} µs a photo, on all cores {program:.0f} in "
            f"the program and {kernel:.0f} in the kernel; peak {row['peak_mib']:.0f} MiB, "
            f"once {row['once']:.1f} s"
        )
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
