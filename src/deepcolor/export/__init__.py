"""Networks as files for other runtimes: `deepcolor export`. See docs/serving.md."""
