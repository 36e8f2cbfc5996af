"""The consoles that commands print to."""

from rich.console import Console


def open_console(stderr: bool = False) -> Console:
    """Return a console that breaks and colors no text by itself."""
    return Console(stderr=stderr, highlight=False, soft_wrap=True)
