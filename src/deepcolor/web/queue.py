"""A bounded number of requests, worked on a few at a time, off the event loop."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter
from typing import TypeVar

from deepcolor.web.errors import RequestError
from deepcolor.web.limits import Limits
from deepcolor.web.metrics import Metrics

T = TypeVar("T")
RETRY_AFTER = 5  # seconds


class VisitorGoneError(Exception):
    """Whoever asked is no longer there."""


class RequestQueue:
    """Lets requests in while there is room, and works on them in the order of their arrival.

    Args:
        limits: How many.
        metrics: Keeps count of them.
    """

    def __init__(self, limits: Limits, metrics: Metrics):
        self._limits = limits
        self._metrics = metrics
        self._clients: Counter[str] = Counter()
        self._idle = asyncio.Semaphore(limits.workers)
        self._pool = ThreadPoolExecutor(limits.workers, "colorizer")

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Take a place for a request, before its body is read.

        Args:
            client: Address of who asks.

        Raises:
            RefusalError: 429 if the client has too many places, 503 if all are taken.
        """
        if self._clients[client] >= self._limits.per_client:
            raise RequestError(429, "too-many", RETRY_AFTER, limit=self._limits.per_client)
        if self._clients.total() >= self._limits.workers + self._limits.waiting:
            raise RequestError(503, "busy", RETRY_AFTER)
        self._take(client, 1)
        try:
            yield
        finally:
            self._take(client, -1)

    def _take(self, client: str, number: int) -> None:
        self._clients[client] += number
        if not self._clients[client]:
            del self._clients[client]
        self._metrics.places = self._clients.total()

    async def do(self, task: Callable[[], T], gone: Callable[[], Awaitable[bool]]) -> T:
        """Run a task in a thread when it is its turn.

        Args:
            task: What to do; errors that it raises are raised here.
            gone: Tells whether nobody waits for the answer any more.

        Returns:
            What the task returns.

        Raises:
            RefusalError: 503 if it takes too long. A thread cannot be stopped: it goes on, and
                counts as a worker until it ends.
            VisitorGoneError: If it was its turn and nobody waited any more.
        """
        asked = perf_counter()
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._turn(gone)
                return await asyncio.shield(self._started(task, perf_counter() - asked))
        except TimeoutError:
            raise RequestError(503, "too-slow", RETRY_AFTER, limit=self._limits.seconds) from None

    async def _turn(self, gone: Callable[[], Awaitable[bool]]) -> None:
        await self._idle.acquire()
        try:
            if await gone():
                raise VisitorGoneError
        except BaseException:  # a cancellation, too, must not keep the worker
            self._idle.release()
            raise

    def _started(self, task: Callable[[], T], waited: float) -> asyncio.Future[T]:
        begun = perf_counter()
        self._metrics.observe("waiting", waited)
        future = asyncio.get_running_loop().run_in_executor(self._pool, task)

        def ended(future: asyncio.Future[T]) -> None:
            self._idle.release()
            self._metrics.observe("working", perf_counter() - begun)
            if not future.cancelled():
                future.exception()  # nobody may be left to ask for it

        future.add_done_callback(ended)
        return future
