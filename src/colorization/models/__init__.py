"""The networks and their heads. Keras 3, backend-neutral, standard layers only.

All networks take lightness `(batch, H, W, 1)` float32 in [0, 100]; `Heads` knows what they predict.
"""

from colorization.models.autoencoder import autoencoder
from colorization.models.colorizer import colorizer
from colorization.models.flops import flops
from colorization.models.heads import Heads, NetworkBuilder, takes_any_size
from colorization.models.hint_decoder import add_hints, takes_hints, unet_hints
from colorization.models.unet import unet
from colorization.models.zhang import zhang

NETWORKS: dict[str, NetworkBuilder] = {
    "autoencoder": autoencoder,
    "zhang": zhang,
    "unet": unet,
    "unet-hints": unet_hints,
}

__all__ = [
    "NETWORKS",
    "Heads",
    "NetworkBuilder",
    "add_hints",
    "autoencoder",
    "colorizer",
    "flops",
    "takes_any_size",
    "takes_hints",
    "unet",
    "unet_hints",
    "zhang",
]
