"""Photos in, colourised photos out: the files around `coloriser`."""

from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.markup import escape

from colorization.inference import coloriser, lightness_of, load_model
from colorization.lab import reconstituer_image
from colorization.photos import SUFFIXES, read_photo
from deepcolor.errors import DeepColorError

GAP = 8  # pixels between photos side by side


def colorize_files(
    photos: list[Path],
    output: Path,
    model: Path | None,
    side_by_side: bool,
    force: bool,
    console: Console,
) -> int:
    """Colourise photo files; one that fails does not stop the others.

    Args:
        photos: The files.
        output: A file for one photo; otherwise a folder, where each keeps its name.
        model: A `.keras` file, or None for the default model.
        side_by_side: Whether to show the black-and-white photo beside the result.
        force: Whether to overwrite.
        console: Where each result, or the reason of its absence, is told.

    Returns:
        How many photos failed.

    Raises:
        DeepColorError: If there is no model, or several photos are to go into one file.
    """
    targets = _targets(photos, output)
    try:
        load_model(model)
    except (OSError, ValueError) as error:
        raise DeepColorError(str(error)) from error
    failed = 0
    for photo, target in zip(photos, targets, strict=True):
        try:
            _colorize_file(photo, target, model, side_by_side, force)
            console.print(f"[green]✓[/green] {escape(str(target))}")
        except (OSError, ValueError) as error:
            failed += 1
            console.print(f"[red]✗[/red] {escape(f'{photo}: {error}')}")
    return failed


def _targets(photos: list[Path], output: Path) -> list[Path]:
    if output.suffix.lower() not in SUFFIXES or output.is_dir():
        return [output / photo.name for photo in photos]
    if len(photos) > 1:
        raise DeepColorError(f"{len(photos)} photos need a folder to go to, received {output}")
    return [output]


def _colorize_file(
    photo: Path, target: Path, model: Path | None, side_by_side: bool, force: bool
) -> None:
    if not photo.is_file():
        raise FileNotFoundError("no such file")
    if target.exists() and not force:
        raise FileExistsError(f"{target} exists; --force overwrites it")
    image = read_photo(photo)
    coloured = coloriser(image, load_model(model))
    save_photo(beside(black_and_white(image), coloured) if side_by_side else coloured, target)


def black_and_white(image: np.ndarray) -> np.ndarray:
    """Return a photo without its colour.

    Args:
        image: `(H, W, 3)` uint8 sRGB.

    Returns:
        `(H, W, 3)` uint8 sRGB of the same lightness.
    """
    x = lightness_of(image)[..., None]
    grey = reconstituer_image(x, np.zeros((*x.shape[:2], 2), np.float32))
    codes: np.ndarray = np.rint(grey * 255).astype(np.uint8)
    return codes


def beside(*images: np.ndarray) -> np.ndarray:
    """Put photos of one size side by side, with a white gap.

    Args:
        *images: `(H, W, 3)` uint8.

    Returns:
        `(H, W', 3)` uint8.
    """
    gap = np.full((images[0].shape[0], GAP, 3), 255, np.uint8)
    parts = [part for image in images for part in (gap, image)]
    return np.concatenate(parts[1:], axis=1)


def save_photo(image: np.ndarray, target: Path) -> None:
    """Write a photo, whole or not at all; the suffix decides the format.

    Args:
        image: `(H, W, 3)` uint8 sRGB.
        target: File to write; its folder is created if needed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        Image.fromarray(image).save(part, quality=95)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
