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
    """How weights follow their gradients; the defaults are Keras's Adam.

    Attributes:
        name: "adam" or "adamw".
        learning_rate: The largest one.
        beta_2: Memory of the squared gradients.
        weight_decay: Share of each weight that is taken off at a step, times the learning rate.
        clipnorm: Largest norm of a weight's gradient; None for any.
        warmup_steps: Steps during which the learning rate rises from 0.
        cosine: Whether it then falls to 0 at the last step, along half a cosine.
        ema: Share of the running average of the weights that a step leaves, such as 0.99; the
            average takes their place after each epoch. None for no average.
    """

    name: str = "adam"
    learning_rate: float = 1e-3
    beta_2: float = 0.999
    weight_decay: float = 0.0
    clipnorm: float | None = None
    warmup_steps: int = 0
    cosine: bool = False
    ema: float | None = None

    def __post_init__(self) -> None:
        if self.ema is not None and not 0 < self.ema < 1:
            raise ValueError(f"`ema` must be between 0 and 1, received {self.ema}")


@dataclass(frozen=True)
class Training:
    """How a network is trained; the defaults are the assignment's.

    Attributes:
        name: Name of the run and of its `.keras` file.
        network: One of `recipes.NETWORKS`.
        start: Name of the run in the same folder whose network this one goes on from; None to
            begin with random weights.
        epochs: Passes over the training set.
        max_images: Fewer passes over a large set: as many as show no more images than this, but at
            least one; None for `epochs` whatever the set.
        batch_size: Images per step.
        image_size: Side of the images in training, pixels, at most that of the records; by
            default, theirs.
        translation: Largest random shift, as a fraction of the side; the second run uses 0.2.
        augmentation: Further random changes; none with the assignment.
        uniform_share: Share of the uniform distribution mixed into the prior of the colors by
            which classes are rebalanced (Zhang et al. 2016, eq. 4); 1 for no rebalancing.
        optimizer: How weights follow their gradients.
        mixed_precision: Whether to compute in half precision where the hardware gains by it.
        batch_norm_momentum: Memory of the batch normalization's averages. With Keras's 0.99 they
            lag a hundred steps behind, which ruins a training of a few hundred.
        seed: Seed of initial weights, order of images and shifts.
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
    uniform_share: float = 0.5
    optimizer: Optimizer = field(default_factory=Optimizer)
    mixed_precision: bool = False
    batch_norm_momentum: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.uniform_share <= 1:
            raise ValueError(f"`uniform_share` must be in [0, 1], received {self.uniform_share}")


@dataclass(frozen=True)
class Evaluation:
    """How models are measured.

    Attributes:
        photo_size: Longer side to which portraits from elsewhere are reduced, pixels.
        max_photos: Photos of each set that are measured, at most.
        figure_photos: Photos in each figure.
        seed: Seed of the choice of photos and of the bootstrap.
    """

    photo_size: int = 256
    max_photos: int = 2000
    figure_photos: int = 5
    seed: int = 0
