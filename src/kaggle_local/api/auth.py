"""The account behind the server's one token."""

import hmac

from kagglesdk.security.types.oauth_service import IntrospectTokenRequest, IntrospectTokenResponse

from kaggle_local.errors import ApiError


class AccountCalls:
    """Who is asking.

    Args:
        user: Who the token belongs to.
        token: The one token.
    """

    def __init__(self, user: str, token: str) -> None:
        self._user = user
        self._token = token

    def introspect_token(self, request: IntrospectTokenRequest) -> IntrospectTokenResponse:
        """Tell whose token it is.

        Raises:
            ApiError: 401 for any other token. To a milder answer the client would react by looking
                for the user's real credentials and sending those.
        """
        if not self._is_ours(request.token):
            raise ApiError(401, "this token is not the stand-in's")
        response = IntrospectTokenResponse()
        response.active, response.username = True, self._user
        return response

    def hello(self, request: object) -> dict[str, str]:
        """Answer kagglehub's `whoami`."""
        return {"userName": self._user}

    def require_login(self, scheme: str, name: str, secret: str) -> None:
        """Check the `Authorization` of a request.

        Args:
            scheme: `bearer`, or `basic` for the old user name and key.
            name: The user name of `basic`.
            secret: The token, or the key of `basic`.

        Raises:
            ApiError: 401, it is not the stand-in's.
        """
        is_user = scheme == "bearer" or (scheme == "basic" and name == self._user)
        if not (is_user and self._is_ours(secret)):
            raise ApiError(401, "the request carries no token of the stand-in")

    def _is_ours(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())
