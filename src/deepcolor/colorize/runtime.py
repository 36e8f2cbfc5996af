"""What computes the colours: chosen once, used for every photo."""

import numpy as np

from colorization.inference import ColorizationError, coloriser
from colorization.model_files import default_model_path, load_model
from colorization.network import Network, keras_network
from deepcolor.colorize.options import Options
from deepcolor.errors import told


def open_network(options: Options) -> Network:
    """Open the network that the options name, and see that it can do what they ask.

    Args:
        options: Settings of the command.

    Returns:
        The network.

    Raises:
        DeepColorError: If there is none, or it cannot do that.
    """
    with told(OSError, ValueError, ColorizationError):
        network = keras_network(load_model(options.model or default_model_path()))
        grey = np.full((1, 1), 128, np.uint8)
        coloriser(grey, network, strength=options.strength, temperature=options.temperature)
    return network
