"""The page's words, in English and in French."""

import json
from functools import cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("en", "fr")


@cache
def texts(language: str) -> dict[str, str]:
    """Return all words of a language, by name.

    Args:
        language: One of `LANGUAGES`.
    """
    words: dict[str, str] = json.loads((TEMPLATES / f"{language}.json").read_text("utf-8"))
    return words


def text(language: str, name: str) -> str:
    """Return one of them."""
    return texts(language)[name]


def preferred(accepted: str) -> str:
    """Choose the language that a browser's user likes best.

    Args:
        accepted: Value of the header Accept-Language; may be empty or nonsense.

    Returns:
        One of `LANGUAGES`; English unless French is preferred.
    """
    best, language = 0.0, LANGUAGES[0]
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";q=")
        weight = _weight(quality)
        if name.strip().split("-")[0] in LANGUAGES and weight > best:
            best, language = weight, name.strip().split("-")[0]
    return language


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
