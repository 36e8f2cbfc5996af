"""The processes that decode uploaded photos."""

from contextlib import suppress
from queue import LifoQueue

from colorization.data.image_io import UnreadablePhotoError
from deepcolor.colorize.decoder_process import DecodeLimits, memory_for
from deepcolor.colorize.photo_decoder import PhotoDecoder
from deepcolor.colorize.photo_file import PhotoFile
from deepcolor.web.limits import Limits


class Decoders:
    """One process per worker, started when it is needed."""

    def __init__(self, limits: Limits):
        memory = memory_for(limits.pixels)
        each = DecodeLimits(limits.pixels, limits.frames, limits.seconds, memory)
        self._all = [PhotoDecoder(each) for _ in range(limits.workers)]
        self._free: LifoQueue[PhotoDecoder] = LifoQueue()  # the last one that ran is warm
        for decoder in self._all:
            self._free.put(decoder)
        self._is_open = True

    def start(self) -> None:
        """Start the first process and wait until it can decode."""
        with suppress(UnreadablePhotoError):
            self.read(b"")

    def read(self, data: bytes) -> PhotoFile:
        """Decode a photo as `PhotoDecoder.read` does, in any process that is free."""
        decoder = self._free.get()
        try:
            if not self._is_open:
                raise UnreadablePhotoError("the service ends")
            return decoder.read(data)
        finally:
            self._free.put(decoder)

    def close(self) -> None:
        """End all processes, whatever they do."""
        self._is_open = False
        for decoder in self._all:
            decoder.close()
