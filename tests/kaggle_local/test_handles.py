import pytest

from kaggle_local.errors import ApiError
from kaggle_local.handles import Handle, parse_handle, parse_version, slugify


@pytest.mark.parametrize(
    ("text", "version"),
    [("alice/faces", None), ("alice/faces/3", 3), ("alice/faces/versions/3", 3)],
)
def test_a_handle_may_carry_a_version(text: str, version: int | None) -> None:
    assert parse_handle(text) == Handle("alice", "faces")
    assert parse_version(text) == version


@pytest.mark.parametrize(
    "text", ["", "alice", "/faces", "alice/", "../x", "alice/..", "a b/c", "a/b\0"]
)
def test_an_invalid_handle_is_refused(text: str) -> None:
    with pytest.raises(ApiError, match="expected owner/slug"):
        parse_handle(text)


@pytest.mark.parametrize("text", ["alice/faces/x", "alice/faces/1/2", "alice/faces/-1"])
def test_an_invalid_version_is_refused(text: str) -> None:
    with pytest.raises(ApiError, match="expected owner/slug/version"):
        parse_version(text)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Deep Colorization: train", "deep-colorization-train"),
        ("Préparer l'été_2026 !", "preparer-l-ete-2026"),
        ("---", ""),
    ],
)
def test_a_title_gives_a_slug(title: str, slug: str) -> None:
    assert slugify(title) == slug
