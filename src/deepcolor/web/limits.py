"""Limits of the service."""

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Limits on requests; the service refuses a request beyond them.

    Memory grows with `workers + waiting` bodies of `size` bytes and `workers` photos of `pixels`.

    Attributes:
        size: Bytes of a request's body.
        pixels: Pixels of a photo.
        frames: Frames or pages of an image file; only the first is colorized.
        photos: Photos in one form.
        upload_seconds: Time for receiving a body.
        seconds: Time for waiting and colorizing.
        workers: Photos processed at once.
        waiting: Requests that wait for a worker.
        per_client: Requests of one address at once.
    """

    size: int = 32 << 20
    pixels: int = 50_000_000
    frames: int = 64
    photos: int = 20
    upload_seconds: float = 60
    seconds: float = 60
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    waiting: int = 32
    per_client: int = 8

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            least = 0 if name == "waiting" else 1
            if not value >= least:
                raise ValueError(f"`{name}` must be at least {least}, received {value}")
