"""A bounded queue of requests, processed in threads."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter
from typing import TypeVar

from deepcolor.web.http_errors import RequestError, VisitorGoneError
from deepcolor.web.limits import Limits
from deepcolor.web.metrics import Metrics

T = TypeVar("T")
RETRY_AFTER = 5  # seconds


class RequestQueue:
    """Admits requests while there is room and processes them in order of arrival."""

    def __init__(self, limits: Limits, metrics: Metrics):
        self._limits = limits
        self._metrics = metrics
        self._clients: Counter[str] = Counter()
        self._workers = asyncio.Semaphore(limits.workers)
        self._pool = ThreadPoolExecutor(limits.workers, "colorizer")

    @contextmanager
    def admit(self, client: str) -> Iterator[None]:
        """Hold a place for a client's request, before its body is read.

        Raises:
            RequestError: 429 if the client has too many requests, 503 if the queue is full.
        """
        if self._clients[client] >= self._limits.per_client:
            raise RequestError(429, "too-many", RETRY_AFTER, limit=self._limits.per_client)
        if self._clients.total() >= self._limits.workers + self._limits.waiting:
            raise RequestError(503, "busy", RETRY_AFTER)
        self._clients[client] += 1
        try:
            with self._metrics.requests_in_progress.track_inprogress():
                yield
        finally:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    async def run(self, task: Callable[[], T], is_gone: Callable[[], Awaitable[bool]]) -> T:
        """Run a task in a thread when a worker is free, unless the client is gone by then.

        Raises:
            RequestError: 503 after `limits.seconds`. The thread occupies its worker until the
                photo has been decoded, or its decoder has been ended, and colorized.
            VisitorGoneError: If the client left before the task started.
        """
        queued = perf_counter()
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._acquire_worker(is_gone)
                self._metrics.stage_seconds.labels("waiting").observe(perf_counter() - queued)
                return await asyncio.shield(self._start(task))
        except TimeoutError:
            raise RequestError(503, "too-slow", RETRY_AFTER, limit=self._limits.seconds) from None

    async def _acquire_worker(self, is_gone: Callable[[], Awaitable[bool]]) -> None:
        await self._workers.acquire()
        try:
            if await is_gone():
                raise VisitorGoneError
        except BaseException:  # a cancellation must release the worker, too
            self._workers.release()
            raise

    def close(self) -> None:
        """Start no more tasks."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, task: Callable[[], T]) -> asyncio.Future[T]:
        started = perf_counter()
        future = asyncio.get_running_loop().run_in_executor(self._pool, task)

        def finish(future: asyncio.Future[T]) -> None:
            self._workers.release()
            self._metrics.stage_seconds.labels("working").observe(perf_counter() - started)
            if not future.cancelled():
                future.exception()  # marks it as retrieved: the client may have left

        future.add_done_callback(finish)
        return future
