"""A network as `coloriser` needs it: a plain function from lightness to chroma.

It wraps a Keras model on any backend, or another runtime's. Keras is imported only for the former.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from colorization.inference.preprocess import upsample

if TYPE_CHECKING:
    import keras


class ColorizationError(RuntimeError):
    """A network did not predict colors; the message says what it predicted."""


@dataclass(frozen=True)
class Predictor:
    """A function from lightness to chroma, and the input size that it is bound to."""

    # From L (batch, H, W, 1) float32 in [0, 100] and a temperature or None to ab
    # (batch, H / s, W / s, 2), for any whole s.
    predict: Callable[[np.ndarray, float | None], np.ndarray]
    input_size: tuple[int, int] | None = None  # `(H, W)`; None if all multiples of 32 will do

    def chroma(
        self, lightness: np.ndarray, temperature: float | None = None, mirrored: bool = False
    ) -> np.ndarray:
        """Predict chroma `(H, W, 2)` float32 of lightness `(H, W)` float32 in [0, 100].

        With `mirrored`, it is averaged with the prediction for the mirror image.

        Raises:
            ValueError: If `temperature` is not above 0, or the network has no classes.
            ColorizationError: If the prediction is not chroma, or not finite.
        """
        if temperature is not None and not temperature > 0:
            raise ValueError(f"`temperature` must be above 0 or None, received {temperature}")
        batch = np.stack([lightness, lightness[:, ::-1]] if mirrored else [lightness])
        predicted = self.predict(batch[..., None].astype(np.float32), temperature)
        ab = _checked(np.asarray(predicted), batch.shape)
        mean = (ab[0] + ab[1, :, ::-1]) / 2 if mirrored else ab[0]
        if mean.shape[:2] == lightness.shape:
            return mean
        # Bilinear, as `colorizer` upsamples the annealed mean.
        return upsample(mean, lightness.shape, Image.Resampling.BILINEAR)


def _checked(ab: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    fits = ab.ndim == 4 and ab.shape[0] == shape[0] and ab.shape[3] == 2 and min(ab.shape) > 0
    if not fits or shape[1] * ab.shape[2] != shape[2] * ab.shape[1] or ab.shape[1] > shape[1]:
        raise ColorizationError(
            f"the network must predict chroma {(*shape, 2)} from lightness {(*shape, 1)}, "
            f"received shape {ab.shape}"
        )
    if not np.isfinite(ab).all():
        raise ColorizationError(
            f"the network predicted {np.mean(~np.isfinite(ab)):.0%} values that are not numbers: "
            "its weights are damaged, or its training diverged"
        )
    return ab.astype(np.float32, copy=False)


@functools.lru_cache(maxsize=8)
def keras_predictor(model: "keras.Model") -> Predictor:
    """Make a predictor of a Keras model, built or loaded; heads are compiled on first use."""
    from colorization.models.heads import Heads, decode

    heads = Heads.of(model)
    calls: dict[str, Callable[[np.ndarray], Any]] = {}

    def predict(lightness: np.ndarray, temperature: float | None) -> np.ndarray:
        head, temperature = heads.select(temperature)
        if head not in calls:
            calls[head] = _compile(model, heads.tensors[head])
        return decode(calls[head](lightness), temperature)

    return Predictor(predict, heads.input_size)


def _compile(model: "keras.Model", output: Any) -> Callable[[np.ndarray], Any]:
    # A model with this output alone: the other head is not computed.
    import keras

    part = keras.Model(model.inputs[0], output)
    if keras.backend.backend() != "tensorflow":
        return part.predict_on_batch
    import tensorflow as tf

    signature = [tf.TensorSpec(model.inputs[0].shape, tf.float32)]
    return tf.function(lambda x: part(x, training=False), input_signature=signature)
