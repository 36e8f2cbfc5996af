"""Names: owners, slugs and handles (`owner/slug`, `owner/slug/version`)."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from kaggle_local.errors import ApiError

PLACEHOLDER_OWNER = "kaggle-username"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,98}[a-z0-9])?")


@dataclass(frozen=True, order=True)
class Handle:
    """Who owns it and what it is called.

    Attributes:
        owner: The user's slug.
        slug: The name within the owner's things.
    """

    owner: str
    slug: str

    def __post_init__(self) -> None:
        for part in (self.owner, self.slug):
            if not _NAME.fullmatch(part):
                raise ApiError(
                    400,
                    f"'{self.owner}/{self.slug}' is not a valid handle: expected owner/slug in "
                    "lower-case letters, digits, '-' and '_'",
                )

    def __str__(self) -> str:
        return f"{self.owner}/{self.slug}"


def is_name(text: str) -> bool:
    """Tell whether `text` can be a user name or a slug (`a-z0-9`, inside also `-_`)."""
    return _NAME.fullmatch(text) is not None


def parse_handle(text: str) -> Handle:
    """Read `owner/slug`, and drop a version if one follows.

    Args:
        text: Such as `alice/faces`, `alice/faces/3` or `alice/faces/versions/3`.

    Returns:
        The handle without its version.

    Raises:
        ApiError: `text` is not a handle.
    """
    owner, _, rest = text.partition("/")
    return Handle(owner, rest.partition("/")[0])


def parse_version(text: str) -> int | None:
    """Read the version of a source handle.

    Args:
        text: Such as `alice/faces/3`, `alice/faces/versions/3` or `alice/faces`.

    Returns:
        The number, or None where none is given.

    Raises:
        ApiError: What follows the slug is not a version.
    """
    rest = text.split("/")[2:]
    if rest[:1] == ["versions"]:
        rest = rest[1:]
    if not rest:
        return None
    if len(rest) > 1 or not rest[0].isdecimal():
        raise ApiError(400, f"'{text}' is not a valid handle: expected owner/slug/version")
    return int(rest[0])


def slugify(title: str) -> str:
    """Turn a title into the slug that Kaggle makes of it: `Dé  Color!` becomes `de-color`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def require_owner(handle: Handle, user: str, permission: str) -> None:
    """Refuse to touch what belongs to somebody else.

    Args:
        handle: What the client wants to change.
        user: Who is asking.
        permission: Kaggle's name for the right, such as `datasets.create`.

    Raises:
        ApiError: 400 with advice for the placeholder owner of published metadata, else 403.
    """
    if handle.owner == PLACEHOLDER_OWNER:
        raise ApiError(
            400,
            f"'{PLACEHOLDER_OWNER}' stands for your own user name: put '{user}' in its place in "
            f"the metadata of '{handle}' (or stage the files for your user), then try again",
        )
    if handle.owner != user:
        raise ApiError(403, f"Permission '{permission}' was denied on '{handle}' for '{user}'")


def require_readable(
    handle: Handle, user: str, is_private: Callable[[Handle], bool], permission: str
) -> None:
    """Refuse to show what belongs to somebody else and is private.

    Args:
        handle: What the client wants to see.
        user: Who is asking.
        is_private: Looks it up; raises ApiError where there is no such thing.
        permission: Kaggle's name for the right, such as `datasets.get`.

    Raises:
        ApiError: 403 for somebody else's private or absent thing, as Kaggle does not tell which;
            404 for one's own absent thing.
    """
    if handle.owner == user:
        is_private(handle)
        return
    try:
        hidden = is_private(handle)
    except ApiError:
        hidden = True
    if hidden:
        require_owner(handle, user, permission)
