"""The exception whose message a user reads, and what to say about a missing extra."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NamedTuple


class DeepColorError(Exception):
    """An error that the user can correct; its message says how. It is shown without a traceback."""

    exit_status = 1


class WrongUsageError(DeepColorError):
    """Arguments that cannot be meant; found before any work."""

    exit_status = 2


class Extra(NamedTuple):
    """An extra of this package: what it is needed for, and the modules that it installs."""

    need: str
    modules: tuple[str, ...]


EXTRAS = {
    "app": Extra(
        "the web page needs FastAPI",
        ("fastapi", "prometheus_client", "pydantic", "python_multipart", "starlette", "uvicorn"),
    ),
    "beam": Extra("a Beam pipeline needs Apache Beam", ("apache_beam",)),
    "export": Extra("exporting needs onnx and tf2onnx", ("onnx", "tf2onnx")),
    "kaggle": Extra(
        "the chain and the stand-in need Kaggle's client and Flask",
        ("flask", "kaggle", "kagglehub", "kagglesdk", "nbclient", "nbconvert", "nbformat"),
    ),
    "train": Extra(
        "records, training and .keras files need TensorFlow",
        ("tensorflow", "keras", "matplotlib", "scipy", "skimage", "tqdm"),
    ),
    "video": Extra("films need ffmpeg", ("imageio_ffmpeg",)),
}


def missing_extra(name: str) -> str:
    """Return the message that an extra, a key of `EXTRAS`, is not installed."""
    return f"{EXTRAS[name].need}: pip install 'deep-colorization[{name}]'"


def has_extra(name: str) -> bool:
    """Return whether the modules of an extra, a key of `EXTRAS`, are installed."""
    return all(find_spec(module) for module in EXTRAS[name].modules)


def require_extra(name: str) -> None:
    """Raise a `DeepColorError` unless an extra, a key of `EXTRAS`, is installed."""
    if not has_extra(name):
        raise DeepColorError(missing_extra(name))


@contextmanager
def user_errors(*errors: type[Exception]) -> Iterator[None]:
    """Turn errors of these types into a `DeepColorError` with the same message."""
    try:
        yield
    except errors as error:
        raise DeepColorError(str(error)) from error


DISK_PROBLEMS = {
    errno.ENOSPC: "the disk is full: free some space, then run the same command again",
    errno.EDQUOT: "your quota of the disk is used up: delete something, then run the command again",
    errno.EROFS: "the disk is read-only: choose a folder on another one",
    errno.EACCES: "you may not read or write a file: check its permissions",
}


@contextmanager
def disk_problems_as_errors() -> Iterator[None]:
    """Turn the errors of a full, read-only or forbidden disk into a `DeepColorError`."""
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_PROBLEMS:
            raise
        where = f" ({error.filename})" if error.filename else ""
        raise DeepColorError(f"{DISK_PROBLEMS[error.errno]}{where}") from error


@contextmanager
def wrong_usage(*errors: type[Exception]) -> Iterator[None]:
    """Turn errors of these types into a `WrongUsageError` with the same message."""
    try:
        yield
    except errors as error:
        raise WrongUsageError(str(error)) from error


@contextmanager
def missing_extras_as_errors() -> Iterator[None]:
    """Turn the failed import of a module of an extra into a `DeepColorError`."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        for name, extra in EXTRAS.items():
            if missing in extra.modules:
                raise DeepColorError(missing_extra(name)) from error
        raise
