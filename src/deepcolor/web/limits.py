"""What the service takes on, and how much of it at once."""

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Limits of the service; beyond them it refuses with a message.

    Memory grows with `workers + waiting` bodies of `size` bytes and `workers` photos of `pixels`.

    Attributes:
        size: Of a request's body, bytes.
        pixels: Of a photo.
        frames: Of an animation or pages of a document; the first is colorized.
        photos: In one request of the form.
        upload_seconds: For receiving a body.
        seconds: For waiting and coloring.
        workers: Photos worked on at once.
        waiting: Requests that wait for a worker, beyond those.
        per_client: Requests that one address may have under way.
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
