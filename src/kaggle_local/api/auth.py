"""Who may do what: the one token, the user behind it, and the owners of things."""

import hmac
from dataclasses import dataclass
from typing import Any

from kagglesdk.models.types.model_api_service import ApiGetModelRequest
from kagglesdk.security.types.oauth_service import IntrospectTokenRequest, IntrospectTokenResponse

from kaggle_local.api.serialization import build
from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle
from kaggle_local.state.collection import Collection

PLACEHOLDER_OWNER = "kaggle-username"
# The status is 401: after 400, 403 or 404 the client would send the user's real credentials.
_WRONG_TOKEN = "the token of the request is not the token of this stand-in"


@dataclass(frozen=True)
class Auth:
    """Checks tokens and answers who the user is."""

    user: str
    token: str  # the only valid one

    def introspect_token(self, request: IntrospectTokenRequest) -> IntrospectTokenResponse:
        """Return the user of a token."""
        self._require_token(request.token or "")
        return build(IntrospectTokenResponse, active=True, username=self.user)

    def hello(self, request: ApiGetModelRequest) -> dict[str, str]:
        """Answer kagglehub's `whoami`, which sends the request class of another call."""
        return {"userName": self.user}

    def require_login(self, scheme: str, name: str, secret: str) -> None:
        """Check the `Authorization` header: a `bearer` token, or user name and key for `basic`."""
        if scheme != "bearer" and not (scheme == "basic" and name == self.user):
            raise ApiError(401, _WRONG_TOKEN)
        self._require_token(secret)

    def _require_token(self, token: str) -> None:
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            raise ApiError(401, _WRONG_TOKEN)


def require_owner(handle: Handle, user: str, permission: str) -> None:
    """Check that `handle` belongs to `user`, who needs a right such as `datasets.create`.

    Raises:
        ApiError: 403, it is somebody else's; 400, the owner is a placeholder in the metadata.
    """
    if handle.owner == PLACEHOLDER_OWNER:
        raise ApiError(
            400,
            f"'{PLACEHOLDER_OWNER}' is a placeholder: replace it with '{user}' in the metadata of "
            f"'{handle}', or stage the files for your user, then try again",
        )
    if handle.owner != user:
        raise ApiError(403, f"Permission '{permission}' was denied on '{handle}' for '{user}'")


def require_readable(
    handle: Handle, user: str, collection: Collection[Any], permission: str
) -> None:
    """Check that `user` may read `handle`, which needs a right such as `datasets.get`.

    Raises:
        ApiError: 404, the user has no such thing; 403, somebody else's is private or absent: like
            Kaggle, the message does not tell which.
    """
    if handle.owner == user:
        collection.record(handle)
    elif not collection.exists(handle) or collection.record(handle)["is_private"]:
        require_owner(handle, user, permission)


def visible_handles(
    collection: Collection[Any], user: str, owner: str, search: str | None
) -> list[Handle]:
    """List what `user` may read: of one `owner` or all (""), with `search` in handle or title."""
    handles = []
    for handle in collection.handles():
        record = collection.record(handle)
        readable = handle.owner == user or not record["is_private"]
        text = f"{handle} {record['title']}".lower()
        if readable and owner in ("", handle.owner) and (search or "").lower() in text:
            handles.append(handle)
    return handles
