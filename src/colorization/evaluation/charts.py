"""Charts of a report as HTML and SVG, in the colors of the page: they follow its dark mode."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 320, 200  # of a learning curve, in units of the SVG
LEFT, BOTTOM = 40, 30  # margins for the numbers of the axes


def bar_chart(
    values: Mapping[str, Mapping[str, float]], title: str, baseline: tuple[str, float]
) -> str:
    """Return bars from zero of "mean", with "low" to "high"; `baseline` is a name and a value."""
    longest = max(value["high"] for value in values.values()) or 1.0
    name, mark = baseline
    rows = "".join(_bar(label, value, longest, mark) for label, value in values.items())
    return (
        f'<figure><figcaption>{escape(title)} The dashed line is "{escape(name)}".</figcaption>'
        f'<div class="bars">{rows}</div></figure>'
    )


def _bar(label: str, value: Mapping[str, float], longest: float, mark: float) -> str:
    mean, low, high, line = (
        100 * number / longest for number in (value["mean"], value["low"], value["high"], mark)
    )
    return (
        f'<span>{escape(label)}</span><span class="track">'
        f'<i class="bar" style="width:{mean:.1f}%"></i>'
        f'<i class="interval" style="left:{low:.1f}%;width:{high - low:.1f}%"></i>'
        f'<i class="baseline" style="left:{line:.1f}%"></i></span>'
        f"<span>{value['mean']:.1f}</span>"
    )


def learning_curve(name: str, training: Sequence[float], validation: Sequence[float]) -> str:
    """Return the losses of each epoch as lines on an axis from zero; the best epoch is marked."""
    kept = min(range(len(validation)), key=validation.__getitem__)
    highest = max(*training, *validation) or 1.0
    lines = "".join(
        f'<polyline class="{kind}" points="{_points(losses, highest)}"/>'
        for kind, losses in (("training", training), ("validation", validation))
    )
    x, y = _place(kept, validation[kept], len(validation), highest)
    caption = f"{name}: epoch {kept + 1} of {len(validation)}, the circle, was kept."
    return (
        f'<figure class="curve"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(caption)}">{_axes(highest, len(validation))}{lines}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/></svg>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _points(losses: Sequence[float], highest: float) -> str:
    places = (_place(epoch, loss, len(losses), highest) for epoch, loss in enumerate(losses))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _place(epoch: int, loss: float, epochs: int, highest: float) -> tuple[float, float]:
    share = epoch / max(epochs - 1, 1)
    return LEFT + share * (WIDTH - LEFT - 10), (HEIGHT - BOTTOM) * (1 - loss / highest * 0.95)


def _axes(highest: float, epochs: int) -> str:
    floor = HEIGHT - BOTTOM
    _, top = _place(0, highest, epochs, highest)
    lines = f'<path class="axis" d="M{LEFT} 0V{floor}H{WIDTH}"/>'
    numbers = (
        (LEFT - 6, floor, "end", "0"),
        (LEFT - 6, top + 5, "end", f"{highest:.3g}"),
        (LEFT, floor + 16, "middle", "1"),
        (WIDTH - 10, floor + 16, "end", f"epoch {epochs}"),
    )
    return lines + "".join(
        f'<text x="{x}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
        for x, y, anchor, text in numbers
    )
