"""The texts of the page and of the API's messages, in English and French."""

import json
from functools import cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("en", "fr")


@cache
def texts(language: str) -> dict[str, str]:
    """Return all texts in a language of `LANGUAGES`, by name."""
    result: dict[str, str] = json.loads((TEMPLATES / f"{language}.json").read_text("utf-8"))
    return result


def preferred_language(accepted: str) -> str:
    """Choose a language by the header Accept-Language, which may be empty or malformed."""
    best, result = 0.0, LANGUAGES[0]
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";q=")
        language, weight = name.strip().split("-")[0], _weight(quality)
        if language in LANGUAGES and weight > best:
            best, result = weight, language
    return result


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
