"""The trainings of this project, each a frozen configuration; importable without Keras.

`autoencoder` and `autoencoder-translation` are the assignment's, `zhang` is the paper's, `unet` is
ours; `unet-fine`, its last stage, wants records of at least 160 pixels, and `unet-hints` teaches it
to follow hints.
"""

from dataclasses import replace

from colorization.augment import Augmentation
from colorization.config import Optimizer, Training

# The variety of portraits: framing, mirroring, cameras and age.
PORTRAIT = Augmentation(
    flip=0.5, rotation=8, crop=0.35, stretch=0.25, blur=0.7, gamma=0.3, contrast=0.15,
    lightness=5, grain=3, fading=0.5, emulsion=0.4, halftone=0.05,
)  # fmt: skip

UNET = Training(
    name="unet",
    network="unet",
    epochs=8,
    max_images=2_000_000,
    image_size=128,
    # At the full rate the encoder would lose some of what it knows.
    optimizer=Optimizer(
        "adamw", 1e-3, weight_decay=1e-2, clipnorm=1.0, warmup_steps=100, cosine=True,
        encoder_rate=0.25,
    ),
    augmentation=PORTRAIT,
    mixed_precision=True,
)  # fmt: skip

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Training(name="autoencoder", image_size=128),
        Training(name="autoencoder-translation", image_size=128, translation=0.2),
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
        UNET,
        replace(
            UNET,
            name="unet-fine",
            start="unet",
            # Training is cheap at 128 pixels; at 160 the encoder recognizes more.
            image_size=160,
            max_images=1_000_000,
            optimizer=replace(UNET.optimizer, learning_rate=7e-4),
            augmentation=replace(PORTRAIT, crop=0.25, stretch=0.15),
        ),
        replace(UNET, name="unet-hints", network="unet-hints", start="unet", epochs=3),
    )
}
RECIPE_NAMES = tuple(RECIPES)


def get_recipe(name: str) -> Training:
    """Return a recipe by its name."""
    if name not in RECIPES:
        raise ValueError(f"`name` must be one of {', '.join(RECIPE_NAMES)}, received {name!r}")
    return RECIPES[name]


def epochs_for(config: Training, photos: int) -> int:
    """Return how many epochs a recipe makes of a training set of so many photos."""
    if config.max_images is None:
        return config.epochs
    return max(1, min(config.epochs, config.max_images // photos))
