"""The HTML page in each language and mode, and the files that it loads."""

import gzip
import html
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from colorization.config import VIVID
from deepcolor.colorize.provenance import statement, tag_xmp
from deepcolor.web.headers import PAGE_POLICY
from deepcolor.web.texts import TEMPLATES, texts

STATIC = Path(__file__).parent / "static"
GRAPH = "chroma.onnx"  # served beside the page: ONNX graph from a photo to its chroma


@dataclass(frozen=True)
class Mode:
    """How the page gets colors."""

    temperatures: tuple[float | None, ...]  # of the vividness slider; None is the regression
    server: bool = True  # otherwise the browser does everything
    graph: int = 0  # bytes of `GRAPH`; 0 if there is none


@cache
def render_page(language: str, mode: Mode) -> str:
    """Return the page's HTML in a language of `LANGUAGES`."""
    values = {name: html.escape(t) for name, t in texts(language).items() if isinstance(t, str)}
    values |= {"language": language, "english": "", "french": ""}
    values["english" if language == "en" else "french"] = ' aria-current="page"'
    values["settings"] = _script_json(_settings(language, mode))
    values["on_device"] = values["on_device"].format(size=_download_megabytes(mode))
    values["policy"] = "" if mode.server else _fill("policy", values, content=PAGE_POLICY)
    values["fallback"] = _fill("plain" if mode.server else "no-script", values)
    values["device"] = _fill("device", values) if mode.server and mode.graph else ""
    values["form"] = _fill("form", values)
    values["privacy"] = _fill(f"privacy-{'server' if mode.server else 'browser'}", values)
    return _fill("page", values)


def _settings(language: str, mode: Mode) -> dict[str, Any]:
    return {
        "language": language,
        "mode": "server" if mode.server else "browser",
        "temperatures": mode.temperatures,
        "vividness": 0,
        "vivid": VIVID,
        "graph": GRAPH,
        "provenance": {"statement": statement(), "xmp": tag_xmp(b"").decode()},
        "texts": texts(language)["js"],
    }


def _download_megabytes(mode: Mode) -> int:
    runtime = sum(len(compress(path)) for path in assets().values() if path.suffix == ".wasm")
    return round((mode.graph + runtime) / 1e6)


def _script_json(value: Any) -> str:
    # Only "</" could end the script element.
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def _fill(template: str, values: dict[str, str], **more: str) -> str:
    text = (TEMPLATES / f"{template}.html").read_text("utf-8")
    return Template(text).substitute(values, **more)


def render_error(language: str, message: str) -> str:
    """Return the HTML of an error page in a language of `LANGUAGES`."""
    values = {name: texts(language)[name] for name in ("error_heading", "back")}
    return _fill("error", values, language=language, message=html.escape(message))


@cache
def assets() -> dict[str, Path]:
    """Return the files that the page loads, by their path relative to it."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): path for path in files}


@cache
def compress(path: Path) -> bytes:
    """Return the gzip-compressed content of a file that does not change."""
    return gzip.compress(path.read_bytes(), 6)
