"""A network as `coloriser` needs it: a plain function from lightness to chroma.

It wraps a Keras model on any backend, or another runtime's. Keras is imported only for the former.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from colorization.inference.hints import HintError
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
    # From L and hints (batch, H / 4, W / 4, 3) float32, as `add_hints` takes them, to ab; None if
    # the network takes no hints.
    follow_hints: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None

    def chroma(
        self,
        lightness: np.ndarray,
        temperature: float | None = None,
        mirrored: bool = False,
        hints: np.ndarray | None = None,
    ) -> np.ndarray:
        """Predict chroma `(H, W, 2)` float32 of lightness `(H, W)` float32 in [0, 100].

        With `mirrored`, it is averaged with the prediction for the mirror image. `hints` are
        `(H / 4, W / 4, 3)` float32.

        Raises:
            ValueError: If `temperature` is not above 0, or the network has no classes, or takes no
                hints.
            ColorizationError: If the prediction is not chroma, or not finite.
        """
        if temperature is not None and not temperature > 0:
            raise ValueError(f"`temperature` must be above 0 or None, received {temperature}")
        batch = _with_mirror_image(lightness, mirrored)[..., None].astype(np.float32)
        if hints is None:
            predicted = self.predict(batch, temperature)
        else:
            predicted = self._follow(batch, temperature, _with_mirror_image(hints, mirrored))
        ab = _checked(np.asarray(predicted), batch.shape[:3])
        mean = (ab[0] + ab[1, :, ::-1]) / 2 if mirrored else ab[0]
        if mean.shape[:2] == lightness.shape:
            return mean
        # Bilinear, as `colorizer` upsamples the annealed mean.
        return upsample(mean, lightness.shape, Image.Resampling.BILINEAR)

    def _follow(
        self, lightness: np.ndarray, temperature: float | None, hints: np.ndarray
    ) -> np.ndarray:
        if self.follow_hints is None:
            raise HintError("`hints` need a network that takes them, and this one does not")
        if temperature is not None:
            raise HintError(f"`hints` need `temperature` None, received {temperature}")
        return self.follow_hints(lightness, hints)


def _with_mirror_image(image: np.ndarray, mirrored: bool) -> np.ndarray:
    return np.stack([image, image[:, ::-1]] if mirrored else [image])


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
    from colorization.models.hint_decoder import takes_hints

    heads = Heads.of(model)
    calls: dict[str, Callable[..., Any]] = {}

    def predict(lightness: np.ndarray, temperature: float | None) -> np.ndarray:
        head, temperature = heads.select(temperature)
        if head not in calls:
            calls[head] = _compile(heads.model.inputs, heads.tensors[head])
        return decode(calls[head](lightness), temperature)

    def follow_hints(lightness: np.ndarray, hints: np.ndarray) -> np.ndarray:
        if "hints" not in calls:
            calls["hints"] = _compile(model.inputs, model.outputs[0])
        return decode(calls["hints"](lightness, hints), None)

    return Predictor(predict, heads.input_size, follow_hints if takes_hints(model) else None)


def _compile(inputs: list[Any], output: Any) -> Callable[..., Any]:
    # A model with this output alone: the other head is not computed.
    import keras

    part = keras.Model(inputs, output)
    if keras.backend.backend() != "tensorflow":
        return lambda *batches: part.predict_on_batch(list(batches))
    import tensorflow as tf

    signature = [tf.TensorSpec(tensor.shape, tf.float32) for tensor in inputs]
    call = tf.function(lambda *batches: part(list(batches), training=False))
    return call.get_concrete_function(*signature)
