"""Benchmarks of speed and memory: each is run as `python -m benchmarks.NAME`."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
