"""From a recipe to a compiled model: the losses of its heads and the optimizer."""

from typing import Any

import keras
import numpy as np

from colorization.config import Optimizer, Training
from colorization.models import Heads

OPTIMIZERS = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}


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
    return OPTIMIZERS[config.name](_learning_rate(config, steps), **options)


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
