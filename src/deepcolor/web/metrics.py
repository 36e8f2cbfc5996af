"""What the service counts, as Prometheus reads it. Nothing tells of a photo or of who sent it."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "deepcolor"
BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds
METHODS = {"GET", "HEAD", "POST"}


@dataclass
class Histogram:
    """How often durations fell between bounds.

    Attributes:
        counts: Of each interval that ends at a bound, and of what lies above all.
        total: Sum of the durations, seconds.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count a duration."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def lines(self, name: str, label: str) -> list[str]:
        """Return the histogram in Prometheus's text format."""
        result, below = [], 0
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], self.counts, strict=True):
            below += count
            result.append(f'{name}_bucket{{{label},le="{bound}"}} {below}')
        result += [f"{name}_sum{{{label}}} {self.total:.6f}", f"{name}_count{{{label}}} {below}"]
        return result


class Metrics:
    """Counts of one server. Used from the event loop alone.

    Attributes:
        places: Requests under way.
        photos: Colorized since the start.
        pixels: Of those photos.
    """

    def __init__(self) -> None:
        self.places = 0
        self.photos = 0
        self.pixels = 0
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds = {stage: Histogram() for stage in ("waiting", "working")}

    def answered(self, method: str, path: str, status: int) -> None:
        """Count an answer.

        Args:
            method: Of the request.
            path: Of the route, not what the client made up.
            status: Of the answer.
        """
        self._requests[method, path, status] += 1

    def observe(self, stage: str, seconds: float) -> None:
        """Count how long a photo was in a stage, "waiting" or "working"."""
        self._seconds[stage].add(seconds)

    def colorized(self, pixels: int) -> None:
        """Count a photo."""
        self.photos += 1
        self.pixels += pixels

    def exposition(self) -> str:
        """Return everything in Prometheus's text format."""
        lines = _head("requests_total", "counter", "Answers, by route and status.")
        for (method, path, status), count in sorted(self._requests.items()):
            labels = f'method="{method}",path="{path}",status="{status}"'
            lines.append(f"{PREFIX}_requests_total{{{labels}}} {count}")
        lines += _head("stage_seconds", "histogram", "Time of photos in each stage.")
        for stage, histogram in self._seconds.items():
            lines += histogram.lines(f"{PREFIX}_stage_seconds", f'stage="{stage}"')
        for name, kind, value, text in (
            ("requests_in_progress", "gauge", self.places, "Requests waiting or worked on."),
            ("photos_total", "counter", self.photos, "Photos colorized."),
            ("pixels_total", "counter", self.pixels, "Pixels colorized."),
        ):
            lines += [*_head(name, kind, text), f"{PREFIX}_{name} {value}"]
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {PREFIX}_{name} {text}", f"# TYPE {PREFIX}_{name} {kind}"]


class Counting:
    """Counts answers under their routes.

    Args:
        app: The application.
        metrics: Where they are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if scope["method"] in METHODS else "other"
                self._metrics.answered(method, route, message["status"])
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
