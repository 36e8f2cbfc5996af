"""The environment in which the unmodified `kaggle` and `kagglehub` speak to the stand-in."""

from collections.abc import Mapping
from pathlib import Path

_PROXIES = ("http_proxy", "HTTP_PROXY")
_NO_PROXIES = ("no_proxy", "NO_PROXY")


def client_environment(
    url: str, token: str, folder: Path, base: Mapping[str, str]
) -> dict[str, str]:
    """Point Kaggle's clients at a server, and away from every real credential.

    The clients know only `http://localhost` without a port, so the way to any other port is the
    proxy variable. Every `KAGGLE_...` of `base` is dropped: the client reads each as configuration.

    Args:
        url: The server, such as `http://127.0.0.1:7777`.
        token: The server's own token.
        folder: Where the clients' configuration and temporary files go; made if missing.
        base: The environment to start from.

    Returns:
        A new environment.
    """
    config, temporary = folder / "config", folder / "tmp"
    for place in (config, temporary):
        place.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in base.items()
        if not name.startswith("KAGGLE_") and name not in ("all_proxy", "ALL_PROXY")
    }
    return (
        kept
        | dict.fromkeys(_PROXIES, url)
        | dict.fromkeys(_NO_PROXIES, "")
        | {
            "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
            "KAGGLE_API_TOKEN": token,
            "KAGGLE_CONFIG_DIR": str(config),
            "TMPDIR": str(temporary),
        }
    )
