"""Metrics of colorization that need no pretrained network, one function each.

Truth and prediction are Lab images of the same size and lightness, so SSIM and PSNR start high:
compare them with those of gray. RGB is 8-bit, clipped channel by channel.
"""

import numpy as np
from skimage.metrics import structural_similarity
from skimage.segmentation import slic

from colorization.color.lab import reconstituer_image

AUC_LIMIT = 150.0
PSNR_CEILING = 100.0  # dB; JSON has no infinity
SSIM_SIGMA = 1.5
SEGMENTS = 50  # superpixels of a photo
PLAIN = 2.0  # largest spread of ab in a segment of one color


def to_rgb8(lab: np.ndarray) -> np.ndarray:
    """Convert Lab `(H, W, 3)` float32 to sRGB `(H, W, 3)` uint8."""
    return np.rint(reconstituer_image(lab[..., :1], lab[..., 1:]) * 255).astype(np.uint8)


def ab_distance(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Return the distance in the ab plane, `(H, W)` float64, of two Lab images `(H, W, 3)`."""
    return np.hypot(*np.moveaxis(np.float64(truth[..., 1:]) - prediction[..., 1:], -1, 0))


def auc(distance: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the share of pixels within a threshold, per cent, averaged over thresholds to 150.

    It is the area under the curve of Zhang et al. 2016, section 3.1, in closed form.
    `distance` is that in the ab plane, `weights` are those of the pixels.
    """
    return float(100 * (1 - np.average(distance.clip(max=AUC_LIMIT), weights=weights) / AUC_LIMIT))


def psnr(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio of uint8 images, dB, at most `PSNR_CEILING`."""
    mse = np.mean((truth.astype(np.float64) - prediction) ** 2)
    return float(10 * np.log10(255**2 / mse)) if mse else PSNR_CEILING


def ssim(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Return the structural similarity of RGB images `(H, W, 3)` uint8 (Wang et al. 2004).

    Gaussian window of sigma 1.5, channels averaged; sides must be at least 11 pixels.
    """
    if min(truth.shape[:2]) < 11:  # the Gaussian window, cut at 3.5 sigma, spans 11 pixels
        raise ValueError(f"`truth` must be at least 11x11 pixels, received {truth.shape[:2]}")
    similarity: float = structural_similarity(
        truth,
        prediction,
        gaussian_weights=True,
        sigma=SSIM_SIGMA,
        use_sample_covariance=False,
        data_range=255,
        channel_axis=-1,
    )
    return float(similarity)


def colorfulness(rgb: np.ndarray, absolute: bool = False) -> float:
    """Return the colorfulness of `(H, W, 3)` uint8 sRGB (Hasler & Süsstrunk 2003).

    With `absolute`, of the opponent channels' absolute values, as in DDColor's code.
    """
    red, green, blue = np.moveaxis(rgb.astype(np.float64), -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    if absolute:
        opponents = np.abs(opponents)
    spread = np.hypot(*opponents.std(axis=(1, 2)))
    return float(spread + 0.3 * np.hypot(*opponents.mean(axis=(1, 2))))


def saturation(lab: np.ndarray) -> float:
    """Return the mean chroma of a Lab image, sqrt(a^2 + b^2)."""
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean())


def cast(lab: np.ndarray) -> float:
    """Return the norm of the mean ab over the mean chroma: 0 for balanced, 1 for one hue."""
    mean_chroma = saturation(lab)
    return float(np.hypot(*lab[..., 1:].mean(axis=(0, 1))) / mean_chroma) if mean_chroma else 0.0


def plain_segments(truth: np.ndarray) -> np.ndarray:
    """Return a label for each pixel of a segment of one color, `(H, W)`; 0 for the other pixels.

    The segments are superpixels of the true Lab image (SLIC, Achanta et al. 2012) whose ab spread
    by at most `PLAIN`, or else the plainest one.
    """
    labels: np.ndarray = slic(truth, SEGMENTS, convert2lab=False, start_label=0, channel_axis=-1)
    spread = _spreads(labels, truth)
    plain = spread <= max(PLAIN, float(spread.min()))
    return np.where(plain[labels], labels + 1, 0)


def blotches(segments: np.ndarray, lab: np.ndarray) -> float:
    """Return the spread of ab in segments of one color, from `plain_segments`, by their area."""
    counts = np.bincount(segments.ravel())[1:]
    return float(np.average(_spreads(segments, lab)[1:], weights=counts))


def _spreads(labels: np.ndarray, lab: np.ndarray) -> np.ndarray:
    # The root of the variances' sum, of each label.
    counts = np.maximum(np.bincount(labels.ravel()), 1)
    variance = np.zeros(len(counts))
    for channel in np.moveaxis(lab[..., 1:].astype(np.float64), -1, 0):
        mean = np.bincount(labels.ravel(), channel.ravel()) / counts
        variance += np.bincount(labels.ravel(), (channel - mean[labels]).ravel() ** 2) / counts
    return np.sqrt(variance)


def js_divergence(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the Jensen-Shannon divergence `(...)` of counts `(..., bins)`, bits, from 0 to 1."""
    p, q = (h / h.sum(axis=-1, keepdims=True) for h in (np.float64(first), np.float64(second)))
    middle = (p + q) / 2

    def divergence(distribution: np.ndarray) -> np.ndarray:
        ratio = np.divide(distribution, middle, out=np.ones_like(middle), where=distribution > 0)
        return (distribution * np.log2(ratio)).sum(axis=-1)

    return (divergence(p) + divergence(q)) / 2
