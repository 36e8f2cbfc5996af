"""Where the results of a run are on this machine."""

from pathlib import Path

PICTURE = "colorized.png"


def result_paths(build: Path) -> dict[str, Path]:
    """Return the results of a run that are there, by name; `build` is its folder."""
    outputs = build / "outputs"
    paths = {
        "report": outputs / "evaluate" / "report.html",
        "notebook": outputs / "report" / "__results__.html",
        "logs": build / "logs",
        "picture": build / PICTURE,
    }
    return {name: path for name, path in paths.items() if path.exists()}
