"""Experiments behind the documented results: each is run as `python -m experiments.NAME`."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
