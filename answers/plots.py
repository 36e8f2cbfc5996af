"""The charts of the answers, as SVG whose text Typst sets in the document's font."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.spatial import ConvexHull
from skimage.color import lab2rgb

from answers.measurements import EDGE, LIGHTNESS, TIES
from answers.values import cube_surface
from colorization.evaluation.figures import COLORS, INK

BLUE, ORANGE, GREEN, PINK = COLORS
STYLE = {
    "svg.fonttype": "none",  # keeps text as text
    "svg.hashsalt": "answers",
    # STIX has similar metrics for the layout; Typst draws the text in Libertinus.
    "font.family": ["Libertinus Serif", "STIXGeneral"],
    "font.size": 9,
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}
LEVELS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)  # fractions of the maximal density
SHADES = ("#d3e5f2", "#b0d0e8", "#86b8db", "#559bca", "#2879b3", "#0a5490")
RUNS = {
    "autoencoder": "sans translation",
    "autoencoder_translation": "avec translation",
    "autoencoder_momentum_0_99": "sans translation, momentum 0,99",
}


def draw_all(values: Mapping[str, Any], folder: Path) -> None:
    """Write every chart as `NAME.svg`; equal values give equal bytes."""
    charts: dict[str, Callable[[Mapping[str, Any]], Figure]] = {
        "gamut": gamut,
        "curves": curves,
        "shifts": shifts,
        "ties": ties,
        "dilemma": dilemma,
    }
    with _style():
        for name, chart in charts.items():
            chart(values).savefig(folder / f"{name}.svg", metadata={"Date": None})


@contextmanager
def _style() -> Iterator[None]:
    # Matplotlib warns for each text that it cannot find Libertinus.
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with matplotlib.rc_context(STYLE):
        yield
    logger.setLevel(level)


def _panels(columns: int, height: float, **options: Any) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(6.3, height), layout="constrained")
    return figure, list(figure.subplots(1, columns, squeeze=False, **options)[0])


def gamut(values: Mapping[str, Any]) -> Figure:
    """Draw the sRGB gamut in the ab plane, and the last layer's 128 tanh z."""
    figure, (plane, curve) = _panels(2, 2.0)
    ab = cube_surface()[:, 1:]
    hull = ab[ConvexHull(ab).vertices]
    plane.imshow(_colors_of_plane(), origin="lower", extent=(-128, 128, -128, 128), zorder=0,
                 interpolation="none")  # fmt: skip
    plane.fill(*hull.T, facecolor="none", edgecolor=INK, linewidth=1)
    plane.set(xlabel="a", ylabel="b", xlim=(-128, 128), ylim=(-128, 128))
    plane.set(xticks=range(-128, 129, 64), yticks=range(-128, 129, 64))
    plane.axhline(0, color=INK, linewidth=0.4)
    plane.axvline(0, color=INK, linewidth=0.4)
    z = np.linspace(-3, 3, 121)
    curve.plot(z, 128 * np.tanh(z), color=BLUE)
    largest = values["gamut"]["largest"]
    curve.axhspan(-largest, largest, color=BLUE, alpha=0.12, linewidth=0)
    curve.set(xlabel="z", ylabel="128 tanh z", yticks=range(-128, 129, 64), ylim=(-135, 135))
    curve.grid()
    return figure


def _colors_of_plane() -> np.ndarray:
    # In double precision and not resampled: in single precision, the last bit differs between
    # processors and decides some levels.
    axis = np.arange(-127.0, 128, 2)
    a, b = np.meshgrid(axis, axis)
    ab = cube_surface()[:, 1:]
    equations = ConvexHull(ab).equations
    inside = (np.stack([a, b], -1) @ equations[:, :2].T + equations[:, 2] <= 0).all(axis=-1)
    rgb = lab2rgb(np.stack([np.full_like(a, 65), a * inside, b * inside], axis=-1))
    return np.round(255 * np.dstack([rgb, 0.75 * inside])).astype(np.uint8)


def curves(values: Mapping[str, Any]) -> Figure:
    """Plot both losses of each training on one scale."""
    figure, axes = _panels(len(RUNS), 2.4, sharey=True)
    for axis, (name, title) in zip(axes, RUNS.items(), strict=True):
        history = values["histories"][name]
        epochs = range(1, len(history["loss"]) + 1)
        axis.plot(epochs, history["loss"], "o-", markersize=2.5, color=BLUE, label="entraînement")
        axis.plot(epochs, history["val_loss"], "o-", markersize=2.5, color=ORANGE,
                  label="validation")  # fmt: skip
        axis.set_title(title, fontsize=9)
        axis.set(xlabel="époque", xticks=[1, 4, 7, 10])
        axis.grid()
    axes[0].set(ylabel="perte (EQM de a et b)", ylim=(0, None))
    axes[0].legend(loc="lower left", fontsize=8)
    return figure


def shifts(values: Mapping[str, Any]) -> Figure:
    """Plot the error of both auto-encoders on shifted photos."""
    figure, (axis,) = _panels(1, 2.1)
    shift = values["experiments"]["shifts"]
    for (name, label), color in zip(list(RUNS.items())[:2], (ORANGE, BLUE), strict=True):
        axis.plot(shift["per_cent"], shift[name], "o-", markersize=3, color=color, label=label)
    axis.set(xlabel="décalage horizontal des photos de validation (% de la largeur)")
    axis.set(ylabel="EQM de a et b", ylim=(0, None))
    axis.grid()
    axis.legend()
    return figure


def ties(values: Mapping[str, Any]) -> Figure:
    """Draw true and predicted colors of ties: their densities, and swatches of some of them."""
    figure = Figure(figsize=(6.3, 4.6), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[2.6, 1.6])
    axes = above.subplots(1, 2, sharey=True)
    found = values["ties"]
    for axis, name, title in zip(axes, ("truth", "predicted"), ("vraies", "prédites"), strict=True):
        _plot_density(axis, found[name])
        axis.set_title(f"couleurs {title}", fontsize=9)
    for a, b in found["modes"]:
        axes[0].plot(a, b, "o", color=INK, markersize=4)
        axes[0].annotate("mode", (a, b), (a + 6, b - 3))
    axes[0].set_ylabel("b")
    _draw_swatches(below.subplots(), found)
    return figure


def _plot_density(axis: Axes, colors: Mapping[str, Any]) -> None:
    ticks = np.arange(-EDGE, EDGE + 1)
    axis.contourf(ticks, ticks, np.array(colors["density"]).T, levels=LEVELS, colors=SHADES)
    a, b = colors["mean"]
    axis.plot(a, b, "x", color=ORANGE, markersize=7, markeredgewidth=2)
    axis.annotate("moyenne", (a, b), (a + 8, b - 9), color=ORANGE)
    axis.axhline(0, color=INK, linewidth=0.4)
    axis.axvline(0, color=INK, linewidth=0.4)
    axis.set(xlabel="a", xlim=(-40, EDGE), ylim=(-60, 60), aspect="equal")


def _draw_swatches(axis: Axes, found: Mapping[str, Any]) -> None:
    """Draw rows of colors at one lightness: the modes and their mean; true; predicted."""
    modes = found["modes"]
    rows = {
        "deux modes, leur moyenne": [*modes, np.mean(modes, axis=0)],
        "cravates, vraies": [photo["truth"] for photo in found["photos"]],
        "cravates, prédites": [photo["predicted"] for photo in found["photos"]],
    }
    lightness = sum(LIGHTNESS) / 2
    for row, colors in enumerate(rows.values()):
        lab = np.array([[lightness, *ab] for ab in colors])
        for column, rgb in enumerate(lab2rgb(lab)):
            box = (column + 0.04, row + 0.06), 0.92, 0.88
            axis.add_patch(Rectangle(*box, facecolor=np.round(rgb, 2), linewidth=0))
    axis.set(xlim=(0, TIES), ylim=(len(rows), 0), xticks=[])
    axis.set_yticks(np.arange(len(rows)) + 0.5, list(rows))
    axis.tick_params(length=0)
    axis.spines[["left", "bottom"]].set_visible(False)


def dilemma(values: Mapping[str, Any]) -> Figure:
    """Plot error against saturation for the heads of one network."""
    figure, (axis,) = _panels(1, 2.6)
    settings = values["experiments"]["settings"]
    curves = [
        (settings["regression"], BLUE, "régression, ab multipliés par s"),
        (settings["classes"], ORANGE, "classes rééquilibrées, température T"),
        (values["rebalancing"]["plain"], GREEN, "classes sans rééquilibrage"),
    ]
    for rows, color, label in curves:
        points = [(row["chroma_ratio"], row["ab_mse"]) for row in rows]
        axis.plot(*zip(*points, strict=True), "o-", markersize=3, color=color, label=label)
    regression = next(row for row in settings["regression"] if row["setting"] == 1)
    first, last = settings["classes"][0], settings["classes"][-1]
    _annotate(axis, "s = 1", regression, (5, -11))
    _annotate(axis, "T = 1", first, (6, -4))
    _annotate(axis, f"T = {last['setting']:.2f}".replace(".", ","), last, (-10, 6))
    gray = values["evaluation"]["scores"]["elsewhere"]["gray"]["ab_mse"]["mean"]
    axis.plot(0, gray, "s", color=INK, markersize=4, clip_on=False)
    axis.annotate("gris", (0, gray), (6, -3), textcoords="offset points", fontsize=8)
    axis.axvline(1, color=INK, linewidth=0.6, linestyle=":")
    axis.set(xlabel="saturation moyenne, rapportée à celle des vraies photos", ylabel="EQM")
    axis.set(xlim=(0, 1.25), xticks=[0, 0.25, 0.5, 0.75, 1], ylim=(0, None))
    axis.set_xticklabels(["0", "0,25", "0,5", "0,75", "1"])
    axis.grid()
    axis.legend(loc="lower left", fontsize=8)
    return figure


def _annotate(axis: Axes, text: str, row: Mapping[str, Any], offset: tuple[int, int]) -> None:
    place = (row["chroma_ratio"], row["ab_mse"])
    axis.annotate(text, place, offset, textcoords="offset points", fontsize=8)
