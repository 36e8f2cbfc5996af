"""Colors that do not flicker from one frame of a film to the next."""

import numpy as np

MEMORY = 0.85  # share of the past where the picture stands still: about seven frames
MOTION = 5.0  # change of lightness, L, that counts as motion
WINDOW = 7  # pixels: changes are averaged over it, so that film grain does not count as motion
CUT = 12.0  # mean change of lightness, L, between scenes
UNEXPLAINED = 0.5  # of the spread of the lightness: what exposure leaves of a change at a cut
GAINS = (0.4, 2.5)  # changes of contrast that the exposure of one scene can cause
FITTINGS = 4  # each gives less weight to what moves


class TemporalSmoother:
    """An exponential moving average of chroma that follows motion and restarts at a cut.

    Where the lightness stands still, a change of color is flicker and is averaged out. Where the
    lightness moves, the new color is kept, because it belongs to something else. Changes of the
    exposure, which flickers in old films, are not motion: frames are compared at equal exposure.
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
        change = lightness - _match_exposure(before, lightness)
        if _is_cut(before, lightness, change):
            return chroma
        motion = _moving_mean(change) / MOTION
        share = MEMORY * np.exp(-(motion**2))[..., None]
        self._chroma = share * past + (1 - share) * chroma
        return self._chroma


def _match_exposure(before: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Give a frame the mean and the contrast of the next, measured where the picture stands still.

    Weighted least squares, repeated with the weights that the residuals give.
    """
    x, y = before[::2, ::2].ravel(), lightness[::2, ::2].ravel()
    gain = _gain(y.std(), x.std())
    offset = np.median(y - gain * x)
    for _ in range(FITTINGS):
        still = np.exp(-(((y - gain * x - offset) / MOTION) ** 2)) + 1e-6
        mean_x, mean_y = np.average(x, weights=still), np.average(y, weights=still)
        covariance = np.average((x - mean_x) * (y - mean_y), weights=still)
        gain = _gain(covariance, np.average((x - mean_x) ** 2, weights=still))
        offset = mean_y - gain * mean_x
    return (gain * before + offset).astype(np.float32)


def _gain(covariance: float, variance: float) -> float:
    # A flat picture has no contrast to compare.
    return float(np.clip(covariance / variance, *GAINS)) if variance > 1 else 1.0


def _is_cut(before: np.ndarray, lightness: np.ndarray, change: np.ndarray) -> bool:
    if np.abs(lightness - before).mean() <= CUT:
        return False
    spread = np.abs(lightness - np.median(lightness)).mean()
    return bool(np.abs(change).mean() >= UNEXPLAINED * spread)


def _moving_mean(image: np.ndarray) -> np.ndarray:
    padded = np.pad(image, WINDOW // 2, "symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW))
    mean: np.ndarray = windows.mean(axis=(-2, -1), dtype=np.float32)
    return mean
