"""The HTML page in each language and mode, and the files that it loads."""

import hashlib
import html
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any

from deepcolor.colorize.provenance import statement, tag_xmp
from deepcolor.web.headers import PAGE_POLICY
from deepcolor.web.page_graph import FIRST_GRAPH, GRAPH
from deepcolor.web.texts import TEMPLATES, texts

STATIC = Path(__file__).parent / "static"
RUNTIME = "ort/ort-wasm-simd-threaded.wasm.gz"
RECOLOR = "recolor.onnx"
ADDRESS = "{address}"  # where `page.html` wants the address of its folder


@dataclass(frozen=True)
class Mode:
    """How the page gets colors."""

    temperatures: tuple[float | None, ...]  # of the maps; None is the regression
    server: bool = True  # otherwise the browser does everything
    graph: Path | None = None  # the file that is served as `GRAPH`
    first_graph: Path | None = None  # the file that is served as `FIRST_GRAPH`
    hints: bool = False  # whether `graph` takes hints


def render_page(language: str, mode: Mode, address: str = "") -> str:
    """Return the page's HTML in a language of `LANGUAGES`.

    `address` is that of the page's folder, if it is known: sites that show a link to the page want
    the address of its picture in full.
    """
    return _render_page(language, mode).replace(ADDRESS, html.escape(address))


@cache
def _render_page(language: str, mode: Mode) -> str:
    # The address is the visitor's word, and no key for a cache.
    values = {name: html.escape(t) for name, t in texts(language).items() if isinstance(t, str)}
    values |= {"language": language, "english": "", "french": ""}
    values["english" if language == "en" else "french"] = ' aria-current="page"'
    values["version"] = version("deep-colorization")
    values["settings"] = _script_json(_settings(language, mode))
    values["on_device"] = values["on_device"].format(size=_download_megabytes(mode))
    values["policy"] = "" if mode.server else _fill("policy", values, content=PAGE_POLICY)
    values["fallback"] = _fill("plain" if mode.server else "no-script", values)
    values["device"] = _fill("device", values) if mode.server and mode.graph else ""
    values["form"] = _fill("form", values)
    values["privacy"] = _fill(f"privacy-{'server' if mode.server else 'browser'}", values)
    values["api"] = _fill("api", values) if mode.server else ""
    return _fill("page", values)


def _settings(language: str, mode: Mode) -> dict[str, Any]:
    return {
        "language": language,
        "mode": "server" if mode.server else "browser",
        "temperatures": mode.temperatures,
        "files": _downloads(mode),
        "hints": mode.hints,
        "provenance": {"statement": statement(), "xmp": tag_xmp(b"").decode()},
        "texts": texts(language)["js"],
    }


def _downloads(mode: Mode) -> dict[str, dict[str, Any]]:
    files = {"runtime": (RUNTIME, STATIC / RUNTIME), "recolor": (RECOLOR, STATIC / RECOLOR)}
    if mode.graph:
        files["chroma"] = (GRAPH, mode.graph)
    if mode.first_graph:
        files["first"] = (FIRST_GRAPH, mode.first_graph)
    return {
        # A new version has a new address, so that copies can be kept for good.
        name: {"url": f"{url}?v={_digest(path)}", "size": path.stat().st_size}
        for name, (url, path) in files.items()
    }


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _download_megabytes(mode: Mode) -> int:
    files = _downloads(mode)
    if "first" in files:
        del files["chroma"]
    size: float = sum(file["size"] for file in files.values())
    return round(size / 1e6)


def _script_json(value: Any) -> str:
    # Only "</" could end the script element.
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def _fill(template: str, values: dict[str, str], **more: str) -> str:
    text = (TEMPLATES / f"{template}.html").read_text("utf-8")
    return Template(text).substitute(values, **more)


def render_error(language: str, message: str) -> str:
    """Return the HTML of an error page in a language of `LANGUAGES`."""
    content = f'      <p class="lead">{html.escape(message)}.</p>'
    return _render_message(language, "error", "error_heading", content)


def render_results(language: str, results: list[tuple[str, str]], refused: list[str]) -> str:
    """Return the HTML of the answer to the form, in a language of `LANGUAGES`.

    `results` are the name and the `data:` address of each photo; `refused`, what to say of others.
    """
    values = {name: html.escape(texts(language)[name]) for name in RESULTS_TEXTS}
    photos = [
        _fill("result", values, name=html.escape(name), address=address)
        for name, address in results
    ]
    lines = [f'      <p class="lead">{html.escape(message)}.</p>\n' for message in refused]
    disclaimer = f'      <p class="muted">{values["disclaimer"]}</p>'
    return _render_message(language, "results", "results", "".join([*photos, *lines, disclaimer]))


def _render_message(language: str, kind: str, heading: str, content: str) -> str:
    words = texts(language)
    values = {"heading": html.escape(words[heading]), "back": html.escape(words["back"])}
    return _fill("message", values, language=language, kind=kind, content=content)


RESULTS_TEXTS = ("download", "disclaimer")


@cache
def assets() -> dict[str, Path]:
    """Return the files that the page loads, by their path relative to it."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): path for path in files}
