"""The trainings that this project is about, each a frozen configuration, and how to compile them.

`autoencoder` and `autoencoder-translation` are the assignment's, `zhang` is the paper's with the
sizes of this project, `unet` is ours, and `unet-fine` its last stage, on larger images.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from colorization.augment import Augmentation
from colorization.color.soft_encoding import class_weights
from colorization.config import Optimizer, Training
from colorization.models import autoencoder, unet, zhang
from colorization.training.losses import ChromaError, SoftCrossEntropy, decoded_error

Network = Callable[..., keras.Model]

NETWORKS: dict[str, Network] = {"autoencoder": autoencoder, "zhang": zhang, "unet": unet}
FULLY_CONVOLUTIONAL = {"unet"}

# What a portrait may look like: framed otherwise, mirrored, by another camera, or old.
PORTRAIT = Augmentation(
    flip=0.5, rotation=8, crop=0.35, stretch=0.25, blur=0.7, gamma=0.3, contrast=0.15,
    lightness=5, grain=3, fading=0.2,
)  # fmt: skip

RECIPES = {
    get_recipe.name: get_recipe
    for get_recipe in (
        Training(name="autoencoder"),
        Training(name="autoencoder-translation", translation=0.2),
        Training(
            name="zhang",
            network="zhang",
            epochs=20,
            max_images=2_000_000,
            batch_size=40,
            # The released code's Adam; its learning rate of 3e-5 is for 450,000 steps.
            optimizer=Optimizer(
                "adam", 3e-4, 0.99, weight_decay=1e-3, warmup_steps=200, cosine=True
            ),
            augmentation=Augmentation(flip=0.5, crop=0.3),
            mixed_precision=True,
        ),
        Training(
            name="unet",
            network="unet",
            epochs=60,
            max_images=4_000_000,
            image_size=128,
            optimizer=Optimizer(
                "adamw", 2e-3, weight_decay=1e-2, clipnorm=1.0, warmup_steps=100, cosine=True
            ),
            augmentation=PORTRAIT,
            mixed_precision=True,
        ),
        Training(
            name="unet-fine",
            network="unet",
            start="unet",
            epochs=10,
            max_images=1_000_000,
            # Learning is cheap at 128 pixels; edges of color are finer at 192.
            image_size=192,
            optimizer=Optimizer(
                "adamw", 5e-4, weight_decay=1e-2, clipnorm=1.0, warmup_steps=100, cosine=True
            ),
            augmentation=replace(PORTRAIT, crop=0.25, stretch=0.15),
            mixed_precision=True,
        ),
    )
}

# Of the U-Net's two heads; both losses are about 1 to 2 at the start of training.
HEADS = {"ab": 0.01, "bins": 0.1}


def get_recipe(name: str) -> Training:
    """Return a recipe by its name.

    Args:
        name: One of `RECIPES`.

    Raises:
        ValueError: If there is none of that name.
    """
    if name not in RECIPES:
        raise ValueError(f"`name` must be one of {', '.join(RECIPES)}, received {name!r}")
    return RECIPES[name]


def epochs_for(config: Training, photos: int) -> int:
    """Return how many passes a training makes.

    Args:
        config: The recipe.
        photos: Photos of the training set.
    """
    if config.max_images is None:
        return config.epochs
    return max(1, min(config.epochs, config.max_images // photos))


def compile_model(
    model: keras.Model,
    config: Training,
    ab_counts: np.ndarray,
    steps: int,
    epoch_steps: int | None = None,
) -> None:
    """Give a network the loss and the optimizer of its recipe.

    Args:
        model: What `config.network` builds.
        config: The recipe.
        ab_counts: `(256, 256)` counts of the training set's colors, from which rare ones are
            rebalanced.
        steps: Steps of the whole training.
        epoch_steps: Steps of an epoch; by default, all of them.
    """
    chroma = keras.metrics.MeanSquaredError(name="mse")
    weights = class_weights(ab_counts, config.uniform_share)
    if len(model.outputs) > 1:
        losses: Any = {"ab": ChromaError(2), "bins": SoftCrossEntropy(weights, every=5)}
        options = {"loss_weights": HEADS, "weighted_metrics": {"ab": [chroma], "bins": []}}
    elif model.outputs[0].shape[-1] == 2:
        losses, options = "mse", {}
    else:
        losses = SoftCrossEntropy(weights)
        decoded = keras.metrics.MeanMetricWrapper(decoded_error, name="ab_mse")
        options = {"weighted_metrics": [decoded]}
    optimizer = build_optimizer(config.optimizer, steps, epoch_steps)
    model.compile(optimizer=optimizer, loss=losses, **options)


def build_optimizer(
    config: Optimizer, steps: int, epoch_steps: int | None = None
) -> keras.optimizers.Optimizer:
    """Make an optimizer.

    Args:
        config: Its settings.
        steps: Steps of the whole training.
        epoch_steps: Steps of an epoch; by default, all of them.

    Raises:
        ValueError: If its name is not known.
    """
    makers = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
    if config.name not in makers:
        raise ValueError(f"`name` must be one of {', '.join(makers)}, received {config.name!r}")
    options: dict[str, Any] = {"beta_2": config.beta_2, "clipnorm": config.clipnorm}
    if config.weight_decay:
        options["weight_decay"] = config.weight_decay
    if config.ema:
        # Put in place before an epoch is measured and saved, so that what is saved was measured.
        every = epoch_steps or steps
        options |= {"use_ema": True, "ema_momentum": config.ema, "ema_overwrite_frequency": every}
    return makers[config.name](_learning_rate(config, steps), **options)


def _learning_rate(config: Optimizer, steps: int) -> Any:
    if not config.cosine:
        return config.learning_rate
    # A short training, as those of tests, still has steps after its warm-up.
    warmup = min(config.warmup_steps, steps // 2)
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else config.learning_rate,
        decay_steps=max(steps - warmup, 1),
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
