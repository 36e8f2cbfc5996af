"""Bytes through the user's machine when the kernel publishes its output, and when the driver does.

    python -m benchmarks.driver_bytes --output build/benchmarks/driver_bytes.json

Runs a small chain twice against the stand-in through a proxy that counts. The first kernel writes
an output of known size. In the second run that kernel has no internet, so the driver downloads its
output and uploads it again.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from tests.support.chain_checks import versions
from tests.support.fault_trials import Bench
from tests.support.tiny_project import write_project

from benchmarks import harness


def measure(repeats: int, internet: bool) -> dict[str, int]:
    """Run the chain once in a new state.

    Args:
        repeats: How often the photos are repeated in the first kernel's output.
        internet: Whether that kernel may publish.

    Returns:
        Bytes of the output, and bytes through the driver in both directions.
    """
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        # The kernel's own requests do not pass through the driver: they take no proxy.
        write_project(bench.project, bench.address(), repeats, internet)
        assert bench.run() == ("finished", "")
        records = versions(bench.state, "tiny-records")[-1] / "files"
        size = sum(path.stat().st_size for path in records.rglob("*") if path.is_file())
        moved = bench.proxy.moved
        bench.close()
    return {"output": size, "through_the_driver": moved}


def main(
    repeats: Annotated[int, typer.Option(help="Size of the output in units of 37 kB.")] = 1000,
    output: harness.OutputOption = None,
) -> None:
    """Count the bytes that pass through the user's machine."""
    ways = {"published by the kernel": True, "published by the driver": False}
    results = {name: measure(repeats, internet) for name, internet in ways.items()}
    for name, row in results.items():
        ratio = row["through_the_driver"] / row["output"]
        print(f"{name}: output {row['output'] / 1e6:.1f} MB, {ratio:.2f} of it through the driver")
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
