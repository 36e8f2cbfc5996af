"""Stand-ins for the tests: one shared by a module, or one with its own options."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.stand_in import USER, Kaggle

import kaggle_local
from kaggle_local import Endpoint, Limits

PATIENT = {"user": USER, "idle_exit": 120.0}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    root = tmp_path_factory.mktemp("standin") / "state"
    limits = Limits(processing_seconds=0.0)
    yield kaggle_local.connect(root, limits=limits, **PATIENT)
    kaggle_local.stop(root)


@pytest.fixture
def kaggle(endpoint: Endpoint, tmp_path: Path) -> Kaggle:
    """The stand-in that the tests of a module share: use unique names."""
    return Kaggle(endpoint, tmp_path)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Kaggle]]:
    """Start a stand-in with options; a second call uses the same state folder."""
    root = tmp_path / "state"

    def begin(*, limits: dict[str, Any] | None = None, **options: Any) -> Kaggle:
        allowed = Limits(**{"processing_seconds": 0.0} | (limits or {}))
        return Kaggle(kaggle_local.connect(root, limits=allowed, **PATIENT | options), tmp_path)

    yield begin
    kaggle_local.stop(root)
