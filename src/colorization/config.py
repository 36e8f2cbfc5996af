"""Settings of the stages: frozen dataclasses that each kernel saves with its output."""

from dataclasses import dataclass, field

from colorization.augment import Augmentation

CROPS = ("squash", "center", "upper")

# The strength of colors, a factor on the chroma: in the command, the web service and reports.
MAX_STRENGTH = 2.0
VIVID = 1.3  # what is called vivid everywhere: about as colorful as the truth
HINT_GRID = "hint_grid"  # input of an exported network
HINT_STRIDE = 4  # pixels of a network's input, in each direction, for one cell of its hints


@dataclass(frozen=True)
class Preparation:
    """Settings of preparation, from photos to records."""

    image_size: int = 128  # side of the squares, pixels; a multiple of 32 from 32 to 512
    crop: str = "squash"  # how a photo becomes a square; the assignment squashes it
    validation_fraction: float = 0.1  # share of the photos, chosen by a hash of the name
    shard_examples: int = 1024  # photos per shard: 50 MB at 128x128; a worker needs a shard
    max_bad: float = 0.1  # share of unreadable photos above which preparation fails

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
    """Settings of an optimizer; the defaults are Keras's Adam."""

    name: str = "adam"  # or "adamw"
    learning_rate: float = 1e-3  # the largest
    beta_2: float = 0.999  # decay of the second moment
    weight_decay: float = 0.0  # share of a weight removed per step, times the learning rate
    clipnorm: float | None = None  # largest norm of a weight's gradient
    warmup_steps: int = 0  # steps during which the learning rate rises from 0
    cosine: bool = False  # whether it then falls to 0 along half a cosine
    encoder_rate: float = 1.0  # factor of the rate for layers of a pretrained encoder; AdamW only


@dataclass(frozen=True)
class Training:
    """How a network is trained; the defaults are the assignment's."""

    name: str = "autoencoder"  # of the run and of its `.keras` file
    network: str = "autoencoder"  # a key of `models.NETWORKS`
    # Runs in the same folder whose weights this one starts from, separated by commas: a later one
    # replaces what it has in common with an earlier one.
    start: str | None = None
    epochs: int = 10
    max_images: int | None = None  # shown in all: a large set gets fewer epochs, at least one
    batch_size: int = 32  # images per step, on all devices together
    image_size: int | None = None  # side, pixels, at most that of the records; None for theirs
    translation: float = 0.0  # largest random shift, as a fraction of the side
    augmentation: Augmentation = field(default_factory=Augmentation)  # further random changes
    optimizer: Optimizer = field(default_factory=Optimizer)
    mixed_precision: bool = False  # half precision where the hardware gains by it
    # Of the normalization's averages. Keras's 0.99 is too slow for a few hundred steps.
    batch_norm_momentum: float = 0.9
    seed: int = 0  # of initial weights, order of images and augmentations


@dataclass(frozen=True)
class Evaluation:
    """How models are evaluated."""

    photo_size: int = 256  # longer side to which whole photos are reduced, pixels
    max_photos: int = 2000  # of each set, at most
    figure_photos: int = 5  # in each figure
    seed: int = 0  # of the choice of photos and of the bootstrap
