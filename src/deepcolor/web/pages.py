"""The page, written in a language for a mode, and the files that it is made of."""

import gzip
import html
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from deepcolor.colorize.provenance import statement, tag_xmp
from deepcolor.web.headers import POLICY, policy
from deepcolor.web.texts import LANGUAGES, TEMPLATES, texts

STATIC = Path(__file__).parent / "static"
GRAPH = "chroma.onnx"  # beside the page: from a photo to its chroma
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".onnx": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}


@dataclass(frozen=True)
class Mode:
    """How a page finds colors.

    Attributes:
        temperatures: What its slider of vividness goes through; None is the regression.
        server: Whether there is a service; otherwise everything happens in the browser.
        graph: Size of `GRAPH`, which lies beside the page, bytes; 0 if there is none.
    """

    temperatures: tuple[float | None, ...]
    server: bool = True
    graph: int = 0


@cache
def page(language: str, mode: Mode) -> str:
    """Write the page.

    Args:
        language: One of `LANGUAGES`.
        mode: How it finds colors.

    Returns:
        HTML.
    """
    words = {name: html.escape(t) for name, t in texts(language).items() if isinstance(t, str)}
    words |= {"language": language, "english": "", "french": ""}
    words["english" if language == "en" else "french"] = ' aria-current="page"'
    words["settings"] = _script(_settings(language, mode))
    words["on_device"] = words["on_device"].format(size=_megabytes(mode))
    words["policy"] = "" if mode.server else _written(words, "policy", content=policy(POLICY))
    words["plain"] = _written(words, "plain" if mode.server else "no-script")
    words["device"] = _written(words, "device") if mode.server and mode.graph else ""
    words["form"] = _written(words, "form")
    words["privacy"] = _written(words, f"privacy-{'server' if mode.server else 'browser'}")
    return _written(words, "page")


def _settings(language: str, mode: Mode) -> dict[str, Any]:
    return {
        "language": language,
        "mode": "server" if mode.server else "browser",
        "temperatures": mode.temperatures,
        "vividness": 0,
        "graph": GRAPH,
        "label": {"statement": statement(), "xmp": tag_xmp(b"").decode()},
        "texts": texts(language)["js"],
    }


def _megabytes(mode: Mode) -> int:
    runtime = sum(len(compressed(path)) for path in assets().values() if path.suffix == ".wasm")
    return round((mode.graph + runtime) / 1e6)


def _script(value: Any) -> str:
    # Within a script element, only this could end it.
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def _written(words: dict[str, str], template: str, **more: str) -> str:
    text = (TEMPLATES / f"{template}.html").read_text("utf-8")
    return Template(text).substitute(words, **more)


def refusal_page(language: str, message: str) -> str:
    """Write a page that tells why a form was refused.

    Args:
        language: One of `LANGUAGES`.
        message: Why.

    Returns:
        HTML.
    """
    words = {name: texts(language)[name] for name in ("refused", "back")}
    return _written(words, "refusal", language=language, message=html.escape(message))


@cache
def assets() -> dict[str, Path]:
    """Return the files that a page needs, by their path beside it."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): path for path in files}


def pages(mode: Mode) -> dict[str, str]:
    """Return the page in each language, by its file's name."""
    return {f"{language}.html": page(language, mode) for language in LANGUAGES}


@cache
def compressed(path: Path) -> bytes:
    """Return the content of one of the `assets`, compressed once for all visitors."""
    return gzip.compress(path.read_bytes(), 6)
