"""Prometheus metrics of the service. None of them describes a photo or its sender."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds
METHODS = {"GET", "HEAD", "POST"}


class Metrics:
    """The metrics of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "deepcolor_requests",
            "Responses by method, route and status.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self.stage_seconds = Histogram(
            "deepcolor_stage_seconds",
            "Time of photos in each stage: waiting, working.",
            ("stage",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.requests_in_progress = Gauge(
            "deepcolor_requests_in_progress",
            "Requests that wait or are processed.",
            registry=self.registry,
        )
        self.photos = Counter("deepcolor_photos", "Colorized photos.", registry=self.registry)
        self.pixels = Counter("deepcolor_pixels", "Colorized pixels.", registry=self.registry)


class CountResponses:
    """ASGI middleware that counts responses by route, never by a path that the client made up."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if scope["method"] in METHODS else "other"
                self._metrics.requests.labels(method, route, message["status"]).inc()
            await send(message)

        await self._app(scope, receive, count if scope["type"] == "http" else send)
