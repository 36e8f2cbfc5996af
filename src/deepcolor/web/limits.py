"""Limits of the service."""

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Limits on requests; a request beyond them is answered with an error.

    Memory grows with `workers + waiting` bodies of `size` bytes and `workers` photos of `pixels`.
    """

    size: int = 32 << 20  # bytes of a request's body
    pixels: int = 50_000_000  # of a photo
    frames: int = 64  # of an animation, or pages of a TIFF; only the first is colorized
    photos: int = 20  # in one form
    upload_seconds: float = 60  # for receiving a body
    seconds: float = 60  # for waiting and colorizing
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)  # photos processed at once
    waiting: int = 32  # requests that wait for a worker
    per_client: int = 8  # requests of one address at once

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            least = 0 if name == "waiting" else 1
            if not value >= least:
                raise ValueError(f"`{name}` must be at least {least}, received {value}")
