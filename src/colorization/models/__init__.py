"""The networks. Keras 3, backend-neutral, standard layers only: a saved file opens anywhere.

All take lightness `(batch, H, W, 1)` float32 in [0, 100]. `autoencoder` answers with chroma,
`zhang` with logits over the 313 bins, `unet` with both; `colorizer` turns any of them into a model
from lightness to chroma.
"""

from colorization.models.autoencoder import autoencoder
from colorization.models.colorizer import colorizer
from colorization.models.flops import flops
from colorization.models.unet import unet
from colorization.models.zhang import zhang

__all__ = ["autoencoder", "colorizer", "flops", "unet", "zhang"]
