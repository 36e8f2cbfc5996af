"""What `deepcolor --version` shows."""

from importlib.metadata import version

from colorization.inference.model_path import own_model_path
from deepcolor.colorize.onnx_network import PACKAGED_NETWORK, file_digest
from deepcolor.errors import user_errors


def describe_version() -> str:
    """Return the version of this program, and the name and digest of the network it uses."""
    with user_errors(FileNotFoundError):
        network = own_model_path() or PACKAGED_NETWORK
    return "\n".join(
        [
            f"deepcolor {version('deep-colorization')}",
            f"network   {network.name}",
            f"SHA-256   {file_digest(network)}",
            f"file      {network}",
        ]
    )
