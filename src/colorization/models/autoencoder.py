"""The network of the assignment."""

import keras
from keras import layers

ENCODER = (64, 128, 256, 512, 1024)
DECODER = (512, 256, 128, 64)


def autoencoder(image_size: int = 128, batch_norm_momentum: float = 0.99) -> keras.Model:
    """Build the assignment's auto-encoder, exactly figure 2 (12,546,370 parameters).

    Args:
        image_size: Side of the images, pixels; a multiple of 32.
        batch_norm_momentum: Momentum of the moving averages that inference uses.

    Returns:
        A model from L `(batch, size, size, 1)` in [0, 100] to ab `(..., 2)` in [-128, 128].
    """
    model = keras.Sequential(name="autoencoder")
    model.add(keras.Input((image_size, image_size, 1)))
    model.add(layers.Rescaling(1 / 50, offset=-1))
    for filters in ENCODER:
        model.add(layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu"))
        model.add(layers.BatchNormalization(momentum=batch_norm_momentum))
    for filters in DECODER:
        model.add(layers.Conv2DTranspose(filters, 3, strides=2, padding="same", activation="relu"))
    # tanh is bounded like a and b, and centered on gray (question 13).
    model.add(layers.Conv2DTranspose(2, 3, strides=2, padding="same", activation="tanh"))
    model.add(layers.Rescaling(128.0))
    return model
