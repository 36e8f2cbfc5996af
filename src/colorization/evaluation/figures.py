"""One function per figure, which returns a Matplotlib `Figure`."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from skimage.color import rgb2lab

ROWS = ("Original", "Noir et blanc", "Colorisée")
INK = "#2b2b2b"
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe-Ito, safe for color blindness


def plot_photo(rgb: np.ndarray, title: str = "") -> Figure:
    """Show one photo, `(H, W, 3)` uint8 or float in [0, 1]."""
    figure = Figure(figsize=(3, 3.2), layout="constrained")
    _show(figure.subplots(), rgb, title)
    return figure


def plot_triptychs(
    originals: Sequence[np.ndarray],
    grays: Sequence[np.ndarray],
    colorized: Sequence[np.ndarray],
    title: str,
) -> Figure:
    """Show photos in color, in black and white, and colorized, one column per photo."""
    return plot_versions(dict(zip(ROWS, (originals, grays, colorized), strict=True)), title)


def plot_versions(rows: Mapping[str, Sequence[np.ndarray]], title: str = "") -> Figure:
    """Show versions of the same photos, one column per photo and one row per version.

    Photos are `(H, W)` or `(H, W, 3)`, uint8 or float in [0, 1].
    """
    count = max(len(images) for images in rows.values())
    figure = Figure(figsize=(2.1 * count, 2.2 * len(rows) + 0.4), layout="constrained")
    axes = figure.subplots(len(rows), count, squeeze=False)
    for row, (name, images) in zip(axes, rows.items(), strict=True):
        for axis, image in zip(row, images, strict=True):
            _show(axis, image)
        row[0].set_ylabel(name, fontsize=11, color=INK)
    figure.suptitle(title, fontsize=12, color=INK)
    return figure


def plot_channels(rgb: np.ndarray) -> Figure:
    """Show a photo, `(H, W, 3)` uint8 or float in [0, 1], and its L, a and b with color bars."""
    lab = rgb2lab(rgb)
    figure = Figure(figsize=(8.8, 2.5), layout="constrained")
    axes = figure.subplots(1, 4)
    _show(axes[0], rgb, "photo")
    scales = (("L", "gray", 0, 100), ("a", "PiYG_r", -80, 80), ("b", "PuOr_r", -80, 80))
    for channel, (axis, (name, colors, low, high)) in enumerate(zip(axes[1:], scales, strict=True)):
        shown = axis.imshow(lab[..., channel], cmap=colors, vmin=low, vmax=high)
        axis.set(xticks=[], yticks=[], title=name)
        figure.colorbar(shown, ax=axis, shrink=0.7)
    return figure


def _show(axis: Axes, image: np.ndarray, title: str = "") -> None:
    axis.imshow(image, cmap="gray", vmin=0, vmax=255 if image.dtype == np.uint8 else 1)
    axis.set(xticks=[], yticks=[], title=title)
    axis.spines[:].set_visible(False)


def plot_learning_curves(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Plot "loss" and "val_loss" of each run's history, one panel per run on a shared scale."""
    figure = Figure(figsize=(4.2 * len(histories), 3.4), layout="constrained")
    axes = figure.subplots(1, len(histories), squeeze=False, sharey=True)[0]
    for axis, (name, history) in zip(axes, histories.items(), strict=True):
        epochs = np.arange(1, len(history["loss"]) + 1)
        axis.plot(epochs, history["loss"], color=COLORS[0], label="entraînement")
        axis.plot(epochs, history["val_loss"], color=COLORS[1], label="validation")
        axis.set(title=name, xlabel="époque")
        axis.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    # Set last: the panels share the limit, and an earlier one would cut off later curves.
    axes[0].set(ylabel="erreur quadratique moyenne sur (a, b)", ylim=(0, None))
    axes[-1].legend(frameon=False)
    return figure
