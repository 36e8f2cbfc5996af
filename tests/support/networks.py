"""Networks for tests."""

import keras
import numpy as np

from colorization.models import unet, unet_hints
from colorization.models.efficientnet import UNTRAINED_LITE0


def colorful_unet(image_size: int | None = None) -> keras.Model:
    """Build a U-Net whose regression gives colors, which it does not before it is trained."""
    model = unet(image_size)
    head = model.get_layer("ab_small")
    random = np.random.default_rng(0)
    head.set_weights([random.normal(0, 0.02, weights.shape) for weights in head.get_weights()])
    return model


def hinted_unet() -> keras.Model:
    """Build a U-Net that takes hints, and has learned to answer to them somehow."""
    keras.utils.set_random_seed(0)
    model = unet_hints(encoder=UNTRAINED_LITE0)
    last = model.get_layer("hint_correction")
    last.set_weights([np.random.default_rng(2).normal(0, 0.1, w.shape) for w in last.weights])
    return model
