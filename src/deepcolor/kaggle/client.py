"""The client of the chain."""

from deepcolor.kaggle.dataset_client import DatasetClient
from deepcolor.kaggle.kernel_client import KernelClient


class KaggleClient(KernelClient, DatasetClient):
    """Client of Kaggle or of its stand-in. Kernels and datasets are named `owner/slug`."""

    @property
    def username(self) -> str:
        """Name of the authenticated user."""
        return str(self._api.get_config_value("username"))
