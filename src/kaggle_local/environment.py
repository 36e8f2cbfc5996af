"""The environment variables that point the unmodified clients at a server."""

from collections.abc import Mapping
from pathlib import Path

LOOPBACK = "127.0.0.1,::1"  # without `localhost`, which the clients reach through the proxy


def client_environment(
    url: str, token: str, folder: Path, base: Mapping[str, str]
) -> dict[str, str]:
    """Return `base`, pointed at the server of `url` and away from every real credential.

    The clients know only `http://localhost` without a port, so `http_proxy` carries the port.
    Every `KAGGLE_...` variable of `base` is dropped: the client reads each as configuration.
    `folder`, created if missing, takes the clients' configuration and temporary files. Other
    servers of this machine are reached directly as 127.0.0.1.
    """
    config, temporary = folder / "config", folder / "tmp"
    for path in (config, temporary):
        path.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in base.items()
        if not name.startswith("KAGGLE_") and name not in ("all_proxy", "ALL_PROXY")
    }
    return kept | {
        "http_proxy": url,
        "HTTP_PROXY": url,
        "no_proxy": LOOPBACK,
        "NO_PROXY": LOOPBACK,
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "KAGGLE_API_TOKEN": token,
        "KAGGLE_CONFIG_DIR": str(config),
        "TMPDIR": str(temporary),
    }
