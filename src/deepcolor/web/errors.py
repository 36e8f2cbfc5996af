"""A request that is refused, with a status and a message for people."""

from deepcolor.web.texts import text


class RequestError(Exception):
    """A request that the service does not serve.

    Args:
        status: Of HTTP.
        code: Short name of the reason; its message is the text `error-CODE`.
        retry_after: Seconds after which it may be tried again; None if trying again is useless.
        **values: What the message mentions.
    """

    def __init__(self, status: int, code: str, retry_after: int | None = None, **values: object):
        super().__init__(code)
        self.status = status
        self.code = code
        self.values = values
        self.headers = {"Retry-After": str(retry_after)} if retry_after else {}

    def message(self, language: str) -> str:
        """Return the message in a language."""
        return text(language, f"error-{self.code}").format(**self.values)
