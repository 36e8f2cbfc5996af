"""A stand-in of its own for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standin import USER, Kaggle

import kaggle_local
from kaggle_local import Limits


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """Start a stand-in with options; it is stopped after the test."""
    (tmp_path / "home").mkdir()
    root = tmp_path / "state"

    def begin(**options: Any) -> Kaggle:
        limits = Limits(**options.pop("limits", {}))
        endpoint = kaggle_local.connect(
            root, **{"user": USER, "idle_exit": 120.0, "limits": limits} | options
        )
        return Kaggle(endpoint, tmp_path)

    yield begin
    kaggle_local.stop(root)


@pytest.fixture
def kaggle(start: Any) -> Kaggle:
    """A stand-in as it comes."""
    server: Kaggle = start()
    return server
