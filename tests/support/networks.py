"""Networks for tests."""

import keras
import numpy as np

from colorization.models import unet


def colorful_unet(image_size: int | None = None) -> keras.Model:
    """Build a U-Net whose regression gives colors, which it does not before it is trained."""
    model = unet(image_size)
    head = model.get_layer("ab_small")
    random = np.random.default_rng(0)
    head.set_weights([random.normal(0, 0.02, weights.shape) for weights in head.get_weights()])
    return model
