"""Names of datasets and kernels: `owner/slug` and `owner/slug/version`."""

import re
import unicodedata
from dataclasses import dataclass

from kaggle_local.errors import ApiError

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,98}[a-z0-9])?")


@dataclass(frozen=True, order=True)
class Handle:
    """A dataset or kernel, by the user name of its owner and its slug."""

    owner: str
    slug: str

    def __post_init__(self) -> None:
        if not (is_name(self.owner) and is_name(self.slug)):
            raise ApiError(
                400,
                f"'{self}' is not a valid handle: expected owner/slug in "
                "lower-case letters, digits, '-' and '_'",
            )

    def __str__(self) -> str:
        return f"{self.owner}/{self.slug}"


def is_name(text: str) -> bool:
    """Tell whether `text` can be a user name or a slug."""
    return _NAME.fullmatch(text) is not None


def parse_handle(text: str) -> Handle:
    """Read the handle in `alice/faces`, `alice/faces/3` or `alice/faces/versions/3`."""
    owner, _, rest = text.partition("/")
    return Handle(owner, rest.partition("/")[0])


def parse_version(text: str) -> int | None:
    """Read the version in `alice/faces/3` or `alice/faces/versions/3`; None without one."""
    rest = text.split("/")[2:]
    if rest[:1] == ["versions"]:
        rest = rest[1:]
    if not rest:
        return None
    if len(rest) > 1 or not rest[0].isdecimal():
        raise ApiError(400, f"'{text}' is not a valid handle: expected owner/slug/version")
    return int(rest[0])


def slugify(title: str) -> str:
    """Derive the slug of a title as Kaggle does: `Dé  Color!` becomes `de-color`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
