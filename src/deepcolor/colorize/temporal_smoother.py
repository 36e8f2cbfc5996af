"""Colors that do not flicker from one frame of a film to the next."""

import numpy as np
from scipy.ndimage import uniform_filter

MEMORY = 0.85  # share of the past where the picture stands still: about seven frames
MOTION = 5.0  # difference of lightness, L, that counts as motion
GRAIN = 7  # side of the mean, pixels, that tells motion from grain
CUT = 12.0  # mean difference of lightness, L, between scenes


class TemporalSmoother:
    """An exponential average of chroma that follows motion and begins anew at a cut.

    Where the lightness stands still, a color that changes is flicker, and is averaged with those
    before it; where it moves, the color is of something else, and is taken as it is.
    """

    def __init__(self) -> None:
        self._lightness: np.ndarray | None = None
        self._chroma: np.ndarray | None = None

    def __call__(self, lightness: np.ndarray, chroma: np.ndarray) -> np.ndarray:
        """Steady the chroma of the next frame.

        Args:
            lightness: `(h, w)` float32 L in [0, 100], as the network saw it.
            chroma: `(h, w, 2)` float32 ab, as the network answered.

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
        moved = uniform_filter(change, GRAIN) / MOTION
        share = MEMORY * np.exp(-(moved**2))[..., None]
        self._chroma = share * past + (1 - share) * chroma
        return self._chroma
