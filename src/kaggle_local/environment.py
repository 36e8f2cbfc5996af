"""The environment variables that point the unmodified clients at a server."""

from collections.abc import Mapping
from pathlib import Path


def client_environment(
    url: str, token: str, folder: Path, base: Mapping[str, str]
) -> dict[str, str]:
    """Point `kaggle` and `kagglehub` at a server and away from every real credential.

    The clients know only `http://localhost` without a port, so `http_proxy` carries the port.
    Every `KAGGLE_...` variable of `base` is dropped: the client reads each as configuration.

    Args:
        url: Address of the server, such as `http://127.0.0.1:7777`.
        token: Token of the server.
        folder: Folder for the clients' configuration and temporary files; created if missing.
        base: Environment to start from.

    Returns:
        A new environment.
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
        "no_proxy": "",
        "NO_PROXY": "",
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "KAGGLE_API_TOKEN": token,
        "KAGGLE_CONFIG_DIR": str(config),
        "TMPDIR": str(temporary),
    }
