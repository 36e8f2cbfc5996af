"""A network as colorizing needs it: a plain function from lightness to chroma.

A `Predictor` wraps a Keras model on any backend, compiled once for photos of all proportions, or a
model of another runtime.
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
    """A network that did not answer with colors; its message says what it answered."""


@dataclass(frozen=True)
class Predictor:
    """A function from lightness to chroma, and the size it is bound to.

    Attributes:
        answer: From L `(batch, H, W, 1)` float32 in [0, 100] and a temperature or None to ab
            `(batch, H / s, W / s, 2)`, for any whole s.
        input_size: The only `(H, W)` it takes, pixels; None if all multiples of 32 will do.
    """

    answer: Callable[[np.ndarray, float | None], np.ndarray]
    input_size: tuple[int, int] | None = None

    def chroma(
        self, lightness: np.ndarray, temperature: float | None = None, quality: bool = False
    ) -> np.ndarray:
        """Predict chroma at the size of the lightness.

        Args:
            lightness: `(H, W)` float32 in [0, 100].
            temperature: Of the annealed mean of the network's classes, above 0; None for its
                regression.
            quality: Whether to average with the answer for the mirrored picture.

        Returns:
            `(H, W, 2)` float32 ab.

        Raises:
            ValueError: If `temperature` is not above 0, or the network has no classes.
            ColorizationError: If the answer is not chroma, or not finite.
        """
        if temperature is not None and not temperature > 0:
            raise ValueError(f"`temperature` must be above 0 or None, received {temperature}")
        batch = np.stack([lightness, lightness[:, ::-1]] if quality else [lightness])
        answers = self.answer(batch[..., None].astype(np.float32), temperature)
        ab = _checked(np.asarray(answers), batch.shape)
        mean = (ab[0] + ab[1, :, ::-1]) / 2 if quality else ab[0]
        # Linearly, as `colorizer` enlarges the annealed mean.
        small = mean.shape[:2] != lightness.shape
        return upsample(mean, lightness.shape, Image.Resampling.BILINEAR) if small else mean


def _checked(ab: np.ndarray, asked: tuple[int, ...]) -> np.ndarray:
    fits = ab.ndim == 4 and ab.shape[0] == asked[0] and ab.shape[3] == 2 and min(ab.shape) > 0
    if not fits or asked[1] * ab.shape[2] != asked[2] * ab.shape[1] or ab.shape[1] > asked[1]:
        raise ColorizationError(
            f"the network must answer lightness {(*asked, 1)} with chroma {(*asked, 2)}, "
            f"received shape {ab.shape}"
        )
    if not np.isfinite(ab).all():
        raise ColorizationError(
            f"the network answered with {np.mean(~np.isfinite(ab)):.0%} values that are not "
            "numbers: its weights are damaged, or its training diverged"
        )
    return ab.astype(np.float32, copy=False)


@functools.lru_cache(maxsize=8)
def keras_predictor(model: "keras.Model") -> Predictor:
    """Make a network of a Keras model.

    Args:
        model: From L `(batch, H, W, 1)` to ab, or to a dictionary of `ab` and logits over the 313
            bins `bins`, or to such logits alone: `unet`, `zhang`, `autoencoder`, or what
            `colorizer` makes of them.

    Returns:
        The network. A temperature of None means its regression; if it has only classes, Zhang et
        al.'s 0.38.

    Raises:
        ValueError: If the model does not take one lightness, or answers neither.
    """
    if len(model.inputs) != 1 or len(model.inputs[0].shape) != 4 or model.inputs[0].shape[3] != 1:
        shapes = [tuple(tensor.shape) for tensor in model.inputs]
        raise ValueError(f"`model` must take L (batch, H, W, 1), received one that takes {shapes}")
    heads = heads_of(model)
    height, width = model.inputs[0].shape[1:3]

    def answer(lightness: np.ndarray, temperature: float | None) -> np.ndarray:
        wanted = "bins" if temperature is not None or "ab" not in heads else "ab"
        if wanted not in heads:
            raise ValueError(
                f"`temperature` needs a model that answers with classes, received {temperature} "
                "for one that answers with ab"
            )
        if wanted not in calls:
            calls[wanted] = _compiled(model, heads[wanted])
        answered = calls[wanted](lightness)
        return answered if wanted == "ab" else _decoded(answered, temperature)

    calls: dict[str, Callable[[np.ndarray], np.ndarray]] = {}
    return Predictor(answer, (height, width) if height and width else None)


def heads_of(model: "keras.Model") -> dict[str, Any]:
    """Find a model's answers by their channels.

    Args:
        model: As `keras_predictor` takes it.

    Returns:
        Its symbolic outputs: `ab`, `bins`, or both.

    Raises:
        ValueError: If it has neither.
    """
    by_channels = {2: "ab", 313: "bins"}
    heads = {
        by_channels[tensor.shape[-1]]: tensor
        for tensor in model.outputs
        if tensor.shape[-1] in by_channels
    }
    if not heads:
        raise ValueError(
            "`model` must answer with ab (batch, H, W, 2) or with logits over 313 bins, "
            f"received one that answers {model.output_shape}"
        )
    return heads


def _compiled(model: "keras.Model", head: Any) -> Callable[[np.ndarray], np.ndarray]:
    # A model of the one head that is wanted: the other is not computed.
    import keras

    part = keras.Model(model.inputs[0], head)
    if keras.backend.backend() != "tensorflow":
        return lambda lightness: np.asarray(part.predict_on_batch(lightness))
    import tensorflow as tf

    signature = [tf.TensorSpec(model.inputs[0].shape, tf.float32)]
    call = tf.function(lambda x: part(x, training=False), input_signature=signature)
    return lambda lightness: call(lightness).numpy()


def _decoded(logits: np.ndarray, temperature: float | None) -> np.ndarray:
    from keras import ops

    from colorization.color.soft_encoding import TEMPERATURE, annealed_mean

    return np.asarray(ops.convert_to_numpy(annealed_mean(logits, temperature or TEMPERATURE)))
