"""Attacks; those that take minutes run only when they are asked for: `pytest -m attack`."""

import pytest
from tests.kaggle_local.conftest import endpoint, kaggle, start

__all__ = ["endpoint", "kaggle", "start"]


def pytest_collection_modifyitems(config, items):
    if "attack" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("attack"):
            item.add_marker(pytest.mark.skip(reason="it takes minutes: ask for it with -m attack"))
