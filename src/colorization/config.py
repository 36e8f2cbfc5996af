"""Settings of the stages: frozen dataclasses that each kernel saves with its output."""

from dataclasses import dataclass, field

from colorization.augment import Augmentation

CROPS = ("squash", "center", "upper")
RECIPE_NAMES = ("autoencoder", "autoencoder-translation", "zhang", "unet", "unet-fine")


@dataclass(frozen=True)
class Preparation:
    """Settings of preparation, from photos to records.

    Attributes:
        image_size: Side of the square images, pixels; a multiple of 32 from 32 to 512.
        crop: How a photo becomes a square: "squash" as in the assignment, "center" or "upper".
        validation_fraction: Share of the photos kept for validation, chosen by a hash of the name.
        shard_examples: Photos per shard; 1,024 photos of 128x128 make 50 MB. Several workers need
            at least one shard each.
        max_bad: Largest share of photos that cannot be read; with more, preparation fails.
    """

    image_size: int = 128
    crop: str = "squash"
    validation_fraction: float = 0.1
    shard_examples: int = 1024
    max_bad: float = 0.1

    def __post_init__(self) -> None:
        if self.image_size % 32 or not 32 <= self.image_size <= 512:
            raise ValueError(
                f"`image_size` must be a multiple of 32 from 32 to 512, received {self.image_size}"
            )
        if self.crop not in CROPS:
            raise ValueError(f"`crop` must be one of {', '.join(CROPS)}, received {self.crop!r}")
        if self.shard_examples < 1:
            raise ValueError(f"`shard_examples` must be at least 1, received {self.shard_examples}")


@dataclass(frozen=True)
class Optimizer:
    """The settings of an optimizer; the defaults are Keras's Adam.

    Attributes:
        name: "adam" or "adamw".
        learning_rate: The largest learning rate.
        beta_2: Decay of the second moment.
        weight_decay: As in Keras: share of each weight removed per step, times the learning rate.
        clipnorm: Largest norm of a weight's gradient; None for no limit.
        warmup_steps: Steps during which the learning rate rises from 0.
        cosine: Whether the learning rate then falls to 0 along half a cosine.
    """

    name: str = "adam"
    learning_rate: float = 1e-3
    beta_2: float = 0.999
    weight_decay: float = 0.0
    clipnorm: float | None = None
    warmup_steps: int = 0
    cosine: bool = False


@dataclass(frozen=True)
class Training:
    """How a network is trained; the defaults are the assignment's.

    Attributes:
        name: Name of the run and of its `.keras` file.
        network: A key of `models.NETWORKS`.
        start: Name of the run in the same folder whose weights this one starts from; None for
            random weights.
        epochs: Passes over the training set.
        max_images: Images shown in all, at most: a large set gets fewer epochs, but at least one.
        batch_size: Images per step, on all devices together.
        image_size: Side of the images in training, pixels, at most that of the records; None for
            that of the records.
        translation: Largest random shift, as a fraction of the side.
        augmentation: Further random changes.
        optimizer: Settings of the optimizer.
        mixed_precision: Whether to compute in half precision where the hardware gains by it.
        batch_norm_momentum: Momentum of the batch normalization's averages. Keras's 0.99 is too
            slow for a training of a few hundred steps.
        seed: Seed of initial weights, order of images and augmentations.
    """

    name: str = "autoencoder"
    network: str = "autoencoder"
    start: str | None = None
    epochs: int = 10
    max_images: int | None = None
    batch_size: int = 32
    image_size: int | None = None
    translation: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    optimizer: Optimizer = field(default_factory=Optimizer)
    mixed_precision: bool = False
    batch_norm_momentum: float = 0.9
    seed: int = 0


@dataclass(frozen=True)
class Evaluation:
    """How models are evaluated.

    Attributes:
        photo_size: Longer side to which whole photos are reduced, pixels.
        max_photos: Photos of each set, at most.
        figure_photos: Photos in each figure.
        seed: Seed of the choice of photos and of the bootstrap.
    """

    photo_size: int = 256
    max_photos: int = 2000
    figure_photos: int = 5
    seed: int = 0
