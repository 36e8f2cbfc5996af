"""Bytes that pass through the user's machine: output published by the kernel, or by the driver.

    python -m benchmarks.driver_bytes --output build/benchmarks/driver_bytes.json

Runs a small chain twice against the stand-in, through a proxy that counts. The chain has hardly any
photos; its first kernel makes an output of known size. The second time that kernel has no internet,
so the driver must fetch its output and upload it again.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from tests.support.chain_checks import versions
from tests.support.fault_trials import Bench
from tests.support.tiny_project import write_project


def measure(number: int, internet: bool) -> dict[str, int]:
    """Run the chain once in a state of its own.

    Args:
        number: How often the photos are repeated in the first kernel's output.
        internet: Whether that kernel may publish.

    Returns:
        Size of the output, and bytes through the driver, both ways together.
    """
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        # The kernel's own requests do not pass through the driver: they take no proxy.
        write_project(bench.project, bench.address(), number, internet)
        assert bench.run() == ("finished", "")
        records = versions(bench.state, "tiny-records")[-1] / "files"
        size = sum(path.stat().st_size for path in records.rglob("*") if path.is_file())
        moved = bench.proxy.moved
        bench.close()
    return {"output": size, "through_the_driver": moved}


def main(
    number: Annotated[int, typer.Option(help="Size of the output, in 37 kB.")] = 1000,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure both ways and print them."""
    ways = {"published by the kernel": True, "published by the driver": False}
    measured = {name: measure(number, internet) for name, internet in ways.items()}
    for name, found in measured.items():
        ratio = found["through_the_driver"] / found["output"]
        print(f"{name}: {found['output'] / 1e6:.1f} MB made, {ratio:.2f} of it through the driver")
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
