"""What all requests to Kaggle have in common: the typed client, what is absent, and pages.

Requests that only read are repeated after a transient fault. Requests that change something are
sent once: a fault may hide that they took effect, so the caller looks before it repeats them.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from deepcolor.kaggle.request_errors import KaggleError

if TYPE_CHECKING:  # importing it authenticates
    from deepcolor.kaggle.official_api import OfficialApi

PAGE_SIZE = 200
T = TypeVar("T")


class TypedRequests:
    """Requests with the typed client of the official package.

    `poll` is the number of seconds between two questions about something unfinished.
    """

    def __init__(self, api: "OfficialApi", poll: float):
        self.poll = poll
        self.retry = api.retry
        self._api = api
        client = api.build_kaggle_client()
        self._kernels = client.kernels.kernels_api_client
        self._datasets = client.datasets.dataset_api_client

    def _if_found(self, action: str, request: Callable[[], T]) -> T | None:
        try:
            return self.retry(action, request)
        except KaggleError as error:
            if error.not_found:
                return None
            raise

    def _pages(self, action: str, call: Callable[[Any], Any], request: Any) -> Iterator[Any]:
        request.page_size = PAGE_SIZE
        while True:
            page = self.retry(action, lambda: call(request))
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token
