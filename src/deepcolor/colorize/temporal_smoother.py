"""Colors that do not flicker from one frame of a film to the next."""

import numpy as np

MEMORY = 0.85  # share of the past where the picture stands still: about seven frames
MOTION = 5.0  # change of lightness, L, that counts as motion
WINDOW = 7  # pixels: changes are averaged over it, so that film grain does not count as motion
CUT = 12.0  # mean change of lightness, L, between scenes


class TemporalSmoother:
    """An exponential moving average of chroma that follows motion and restarts at a cut.

    Where the lightness stands still, a change of color is flicker and is averaged out. Where the
    lightness moves, the new color is kept, because it belongs to something else.
    """

    def __init__(self) -> None:
        self._lightness: np.ndarray | None = None
        self._chroma: np.ndarray | None = None

    def __call__(self, lightness: np.ndarray, chroma: np.ndarray) -> np.ndarray:
        """Smooth the chroma of the next frame.

        Args:
            lightness: `(h, w)` float32 L in [0, 100], input of the network.
            chroma: `(h, w, 2)` float32 ab, output of the network.

        Returns:
            `(h, w, 2)` float32 ab.
        """
        before, past = self._lightness, self._chroma
        self._lightness, self._chroma = lightness, chroma
        if before is None or past is None or before.shape != lightness.shape:
            return chroma
        change = lightness - before
        if np.abs(change).mean() > CUT:
            return chroma
        motion = _moving_mean(change) / MOTION
        share = MEMORY * np.exp(-(motion**2))[..., None]
        self._chroma = share * past + (1 - share) * chroma
        return self._chroma


def _moving_mean(image: np.ndarray) -> np.ndarray:
    padded = np.pad(image, WINDOW // 2, "symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW))
    mean: np.ndarray = windows.mean(axis=(-2, -1), dtype=np.float32)
    return mean
