"""From a recipe to a compiled model: the losses of its heads and the optimizer."""

from typing import Any

import keras
import numpy as np

from colorization.config import Optimizer, Training
from colorization.models import Heads
from colorization.models.efficientnet import PREFIX


@keras.saving.register_keras_serializable("colorization")
class FineTuningAdamW(keras.optimizers.AdamW):
    """AdamW with a rate of its own for the layers of a pretrained encoder.

    `encoder_rate` is the factor of the learning rate for them; further arguments are AdamW's.
    """

    def __init__(self, encoder_rate: float = 1.0, **options: Any):
        super().__init__(**options)
        self.encoder_rate = encoder_rate
        self._factors: list[float] = []

    def build(self, variables: Any) -> None:
        """Prepare for these variables, as Keras calls it."""
        super().build(variables)
        self._factors = [
            self.encoder_rate if variable.path.startswith(PREFIX) else 1.0 for variable in variables
        ]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update a variable, as Keras calls it."""
        factor = self._factors[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * factor)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "encoder_rate": self.encoder_rate}


OPTIMIZERS = {"adam": keras.optimizers.Adam, "adamw": FineTuningAdamW}


def compile_model(model: keras.Model, config: Training, ab_counts: np.ndarray, steps: int) -> None:
    """Compile a network with the losses of its heads and the optimizer of its recipe.

    `ab_counts` is `(256, 256)`, as in `ChromaStatistics`; `steps` are those of the whole training.
    """
    options = Heads.of(model).compile_options(ab_counts)
    model.compile(optimizer=build_optimizer(config.optimizer, steps), **options)


def build_optimizer(config: Optimizer, steps: int) -> keras.optimizers.Optimizer:
    """Make the optimizer of a recipe, whose learning rate falls over so many steps."""
    if config.name not in OPTIMIZERS:
        known = ", ".join(OPTIMIZERS)
        raise ValueError(f"`name` must be one of {known}, received {config.name!r}")
    options: dict[str, Any] = {"beta_2": config.beta_2, "clipnorm": config.clipnorm}
    if config.weight_decay:
        options["weight_decay"] = config.weight_decay
    if config.name == "adamw":
        options["encoder_rate"] = config.encoder_rate
    rate = _learning_rate(config, steps)
    return OPTIMIZERS[config.name](learning_rate=rate, **options)


def _learning_rate(config: Optimizer, steps: int) -> Any:
    if not config.cosine:
        return config.learning_rate
    # A short training, such as a test's, still has steps after its warm-up.
    warmup = min(config.warmup_steps, steps // 2)
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else config.learning_rate,
        decay_steps=max(steps - warmup, 1),
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
