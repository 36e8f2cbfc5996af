"""The heads of a network: how they are trained, and how they become chroma.

A network has one or both of `ab`, the regression of chroma, and `bins`, logits over the 313 bins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

import keras
import numpy as np
from keras import KerasTensor

from colorization.color.ab_bins import NUM_BINS
from colorization.color.soft_encoding import TEMPERATURE, annealed_mean, class_weights
from colorization.models.hint_decoder import takes_hints, without_hints
from colorization.models.losses import ChromaError, SoftCrossEntropy, decoded_error

# Makes a network of an image size and a batch normalization's momentum.
NetworkBuilder = Callable[..., keras.Model]

HEADS_BY_CHANNELS = {2: "ab", NUM_BINS: "bins"}
# Both losses are about 1 to 2 at the start of training.
LOSS_WEIGHTS = {"ab": 0.01, "bins": 0.1}


@dataclass(frozen=True)
class Heads:
    """The heads of a network; everything that depends on which of them it has is decided here."""

    model: keras.Model
    # Symbolic outputs: `ab` (batch, H, W, 2), `bins` (batch, H / stride, W / stride, 313).
    tensors: dict[str, KerasTensor]

    @classmethod
    def of(cls, model: keras.Model) -> "Heads":
        """Find the heads by the channels of the outputs; a `ValueError` if there are none.

        They are those of the network without hints, if it takes any.
        """
        if takes_hints(model):
            model = without_hints(model)
        shapes = [tuple(tensor.shape) for tensor in model.inputs]
        if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] != 1:
            raise ValueError(f"`model` must take L (batch, H, W, 1), received inputs {shapes}")
        tensors = {
            HEADS_BY_CHANNELS[tensor.shape[-1]]: tensor
            for tensor in model.outputs
            if tensor.shape[-1] in HEADS_BY_CHANNELS
        }
        if not tensors:
            raise ValueError(
                "`model` must predict ab (batch, H, W, 2) or logits over 313 bins, "
                f"received outputs {model.output_shape}"
            )
        return cls(model, tensors)

    @property
    def has_regression(self) -> bool:
        """Whether it predicts ab."""
        return "ab" in self.tensors

    @property
    def has_classes(self) -> bool:
        """Whether it predicts logits over the bins."""
        return "bins" in self.tensors

    @property
    def input_size(self) -> tuple[int, int] | None:
        """The only `(H, W)` that it takes, pixels; None if any multiples of 32 will do."""
        height, width = self.model.inputs[0].shape[1:3]
        return (height, width) if height and width else None

    @property
    def is_fully_convolutional(self) -> bool:
        """Whether it takes photos of any size."""
        return self.input_size is None

    @property
    def stride(self) -> int:
        """Pixels of the input, in each direction, for one position of the logits."""
        side = self.model.inputs[0].shape[1] or 256
        shape = self.model.compute_output_shape((1, side, side, 1))
        return side // (shape["bins"] if isinstance(shape, dict) else shape)[1]

    def select(self, temperature: float | None) -> tuple[str, float | None]:
        """Choose the head from which chroma is taken, and the temperature of its annealed mean.

        Args:
            temperature: None for the regression, or for the classes at Zhang et al.'s 0.38 if there
                is none; above 0 for the classes.

        Raises:
            ValueError: If `temperature` is not above 0, or there are no classes.
        """
        if temperature is None:
            return ("ab", None) if self.has_regression else ("bins", TEMPERATURE)
        if not temperature > 0:
            raise ValueError(f"`temperature` must be above 0 or None, received {temperature}")
        if not self.has_classes:
            raise ValueError(
                f"`temperature` needs a network that predicts classes, received {temperature} "
                "for one that predicts ab only"
            )
        return "bins", temperature

    def compile_options(self, ab_counts: np.ndarray) -> dict[str, Any]:
        """Return the losses, their weights and the metrics, as `keras.Model.compile` takes them.

        `ab_counts` is `(256, 256)`, as in `ChromaStatistics`; rare colors weigh more.
        """
        if not self.has_classes:
            return {"loss": "mse"}
        weights = class_weights(ab_counts)
        if not self.has_regression:
            metric = keras.metrics.MeanMetricWrapper(decoded_error, name="ab_mse")
            return {"loss": SoftCrossEntropy(weights), "weighted_metrics": [metric]}
        return {
            "loss": {"ab": ChromaError(), "bins": SoftCrossEntropy(weights, every=5)},
            "loss_weights": LOSS_WEIGHTS,
            "weighted_metrics": {"ab": [keras.metrics.MeanSquaredError(name="mse")], "bins": []},
        }

    def targets(self, value: Any) -> Any:
        """Return a target, or weights, as `keras.Model.fit` wants them: one for every output."""
        return value if len(self.tensors) == 1 else dict.fromkeys(self.tensors, value)


def decode(output: Any, temperature: float | None) -> np.ndarray:
    """Return chroma `(batch, h, w, 2)` of a head's output, at a temperature from `Heads.select`."""
    chroma = output if temperature is None else annealed_mean(output, temperature)
    return np.asarray(keras.ops.convert_to_numpy(chroma))


def takes_any_size(build: NetworkBuilder) -> bool:
    """Return whether a builder makes fully convolutional networks: its size is None by default."""
    return signature(build).parameters["image_size"].default is None
