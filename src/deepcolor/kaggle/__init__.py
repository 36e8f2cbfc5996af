"""The official client of Kaggle, with typed errors and whole transfers."""

from enum import StrEnum


class Service(StrEnum):
    """A service that runs kernels and stores datasets."""

    LOCAL = "local"
    KAGGLE = "kaggle"
