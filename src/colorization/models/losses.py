"""Losses of the heads, backend-neutral (`keras.ops`), computed in float32 under any policy.

Targets are the chroma of the whole image. Nearly gray photos teach that everything is gray: they
have no weight.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from colorization.color.ab_bins import NUM_BINS, nearest_bin_table
from colorization.color.lab import GRAY_THRESHOLD
from colorization.color.soft_encoding import annealed_mean, soft_encode, table_rows


def is_chromatic(ab: Any, threshold: float = GRAY_THRESHOLD) -> Any:
    """Return `(batch,)` booleans: whether |a| or |b| of an image exceeds the threshold."""
    # Not `ops.any`, which takes one axis at a time under PyTorch.
    return ops.max(ops.abs(ab), axis=(1, 2, 3)) > threshold


def downsample_chroma(ab: Any, like: Any) -> Any:
    """Sample chroma `(batch, H, W, 2)` at the resolution of logits `(batch, H / s, W / s, ...)`.

    One pixel of each cell, as in the paper's released code, but the center instead of the corner,
    because bilinear upsampling puts the prediction there.
    """
    full, small = tuple(ab.shape[1:3]), tuple(like.shape[1:3])
    known = None not in full + small
    if not known or full != tuple(side * (full[0] // small[0]) for side in small):
        raise ValueError(
            "`ab` must be a whole multiple of the size of the logits, the same in height and "
            f"width, received {full} and {small}"
        )
    stride = full[0] // small[0]
    return ab[:, stride // 2 :: stride, stride // 2 :: stride]


@keras.saving.register_keras_serializable("colorization")
def decoded_error(ab: Any, logits: Any) -> Any:
    """Return the squared error `(batch, H / s, W / s)` of the annealed mean of logits."""
    difference = annealed_mean(logits) - ops.cast(downsample_chroma(ab, like=logits), "float32")
    return ops.mean(ops.square(difference), axis=-1)


@keras.saving.register_keras_serializable("colorization")
class SoftCrossEntropy(keras.losses.Loss):
    """Multinomial cross-entropy with soft targets and rebalancing (Zhang et al. 2016, eq. 2).

    Targets are ab `(batch, H, W, 2)` in [-128, 127], predictions logits
    `(batch, H / s, W / s, 313)`. Each pixel is weighted by its nearest bin (eq. 3).

    Args:
        weights: `(313,)` weight of each bin, at least 0; None for 1.
        gray_threshold: Images whose |a| and |b| never exceed this have weight 0.
        every: Use only every n-th row and column of the logits, because the full loss can cost as
            much as the network. An odd number covers all phases of the upsampling.
        name: Name of the loss.
    """

    def __init__(
        self,
        weights: Sequence[float] | np.ndarray | None = None,
        gray_threshold: float = GRAY_THRESHOLD,
        every: int = 1,
        name: str = "soft_cross_entropy",
    ):
        # In mixed precision Keras casts to this type before `call`.
        super().__init__(name=name, dtype="float32")
        self.weights = np.asarray(np.ones(NUM_BINS) if weights is None else weights, np.float32)
        if self.weights.shape != (NUM_BINS,) or not (self.weights >= 0).all():
            raise ValueError(
                f"`weights` must be {NUM_BINS} numbers, at least 0, received {self.weights.shape} "
                f"from {self.weights.min():g}"
            )
        if every < 1:
            raise ValueError(f"`every` must be at least 1, received {every}")
        self.gray_threshold = gray_threshold
        self.every = every

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sampled position, `(batch, rows, columns)`."""
        sampled = (slice(None), *[slice(None, None, self.every)] * 2)
        target, logits = downsample_chroma(y_true, like=y_pred)[sampled], y_pred[sampled]
        weight = ops.take(self._weight_table(), table_rows(target), axis=0)
        weight *= ops.cast(is_chromatic(y_true, self.gray_threshold), "float32")[:, None, None]
        return weight * soft_cross_entropy(target, logits)

    def _weight_table(self) -> Any:
        return ops.convert_to_tensor(self.weights[nearest_bin_table().ravel()])

    def get_config(self) -> dict[str, Any]:
        return {
            "weights": self.weights.tolist(),
            "gray_threshold": self.gray_threshold,
            "every": self.every,
            "name": self.name,
        }


def soft_cross_entropy(ab: Any, logits: Any) -> Any:
    """Return the cross-entropy `(...)` of ab, as in `table_rows`, and logits `(..., 313)`."""
    log_probabilities = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    target = soft_encode(ab)
    chosen = ops.take_along_axis(log_probabilities, target.bins, axis=-1)
    return -ops.sum(target.weights * chosen, axis=-1)


@keras.saving.register_keras_serializable("colorization")
class ChromaError(keras.losses.Loss):
    """Squared error of chroma `(batch, H, W, 2)`, in ab units, without nearly gray photos.

    Images whose |a| and |b| never exceed `gray_threshold` have weight 0; a negative one keeps all,
    which gives the assignment's MSE.
    """

    def __init__(self, gray_threshold: float = GRAY_THRESHOLD, name: str = "chroma_error"):
        super().__init__(name=name, dtype="float32")
        self.gray_threshold = gray_threshold

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the error of each pixel, `(batch, H, W)`."""
        kept = ops.cast(is_chromatic(y_true, self.gray_threshold), "float32")
        return ops.mean(ops.square(y_pred - y_true), axis=-1) * kept[:, None, None]

    def get_config(self) -> dict[str, Any]:
        return {"gray_threshold": self.gray_threshold, "name": self.name}
