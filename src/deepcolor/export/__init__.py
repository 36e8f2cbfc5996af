"""Exporting networks for other runtimes: `deepcolor export`. See docs/serving.md."""
