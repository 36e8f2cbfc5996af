"""Who sits for a portrait: traits drawn together, so that one of them tells about the others.

Colors hang on what lightness and texture show: skin runs along one locus, each hair color keeps
to its lightness and its curl, eyes and lips follow skin and hair.
"""

from dataclasses import dataclass

import numpy as np

from deepcolor.portraits.canvas import Array, rgb

_SKIN = np.array(
    [
        rgb(78, 48, 37),
        rgb(112, 70, 50),
        rgb(154, 100, 70),
        rgb(196, 141, 105),
        rgb(224, 176, 144),
        rgb(240, 202, 178),
        rgb(248, 220, 205),
    ]
)
# texture, color
_HAIR = {
    "black": ("sleek", rgb(36, 31, 34)),
    "coily": ("coils", rgb(40, 32, 30)),
    "brown": ("waves", rgb(92, 60, 40)),
    "red": ("curls", rgb(158, 76, 38)),
    "blond": ("strands", rgb(218, 180, 116)),
    "gray": ("wisps", rgb(182, 179, 175)),
}
_FEMININE_CUTS = ("long", "swept", "swept", "bob", "bun")
_MASCULINE_CUTS = ("crop", "crop", "parted", "quiff", "receding")


@dataclass(frozen=True)
class Sitter:
    """One person; colors are `(3,)` float32 in [0, 1], degrees are [0, 1]."""

    feminine: bool
    age: float
    skin: Array
    hair: Array
    hair_texture: str
    cut: str
    lips: Array
    iris: Array
    smile: float
    open_mouth: bool
    beard: str
    glasses: bool
    face_width: float


def skin_color(lightness: float) -> Array:
    """Pick a color on the skin locus.

    Args:
        lightness: from the darkest skin, 0, to the fairest, 1.

    Returns:
        `(3,)` float in [0, 1].
    """
    places = np.linspace(0, 1, len(_SKIN))
    return np.array([np.interp(lightness, places, channel) for channel in _SKIN.T])


def draw_sitter(rng: np.random.Generator) -> Sitter:
    """Draw one person at random.

    Args:
        rng: where the randomness comes from.

    Returns:
        The sitter.
    """
    feminine, age = bool(rng.random() < 0.5), float(rng.random())
    tone = float(rng.random())
    hair = _hair_kind(rng, tone, age)
    texture, color = _HAIR[hair]
    skin = skin_color(tone) * (1 + rng.normal(0, 0.012, 3))
    return Sitter(
        feminine=feminine,
        age=age,
        skin=skin,
        hair=color * rng.uniform(0.85, 1.12) * (1 + rng.normal(0, 0.01, 3)),
        hair_texture=texture,
        cut=_cut(rng, hair, feminine, age),
        lips=skin * (rgb(222, 138, 140) if feminine else rgb(226, 168, 162)),
        iris=_iris(rng, hair),
        smile=float(rng.uniform(0.35, 1)),
        open_mouth=bool(rng.random() < 0.35),
        beard="" if feminine else str(rng.choice(["", "", "stubble", "full", "moustache"])),
        glasses=bool(rng.random() < 0.2),
        face_width=float(rng.uniform(0.94, 1.05)),
    )


def _hair_kind(rng: np.random.Generator, tone: float, age: float) -> str:
    if age > 0.78:
        return "gray"
    if tone < 0.3:
        return str(rng.choice(["coily", "coily", "black"]))
    if tone < 0.62:
        return str(rng.choice(["black", "black", "brown", "coily"]))
    return str(rng.choice(["blond", "blond", "red", "red", "brown", "brown", "black"]))


def _cut(rng: np.random.Generator, hair: str, feminine: bool, age: float) -> str:
    cuts: tuple[str, ...] = _FEMININE_CUTS if feminine else _MASCULINE_CUTS
    if hair == "coily":
        cuts = ("afro", "afro", "bun") if feminine else ("crop", "crop", "afro")
    elif hair == "red" and feminine:
        cuts = ("long", "swept", "afro", "bun")
    elif age < 0.5:
        cuts = tuple(cut for cut in cuts if cut != "receding")
    return str(rng.choice(cuts))


def _iris(rng: np.random.Generator, hair: str) -> Array:
    light = {"blond": rgb(92, 142, 186), "red": rgb(98, 138, 92), "gray": rgb(110, 136, 156)}
    dark = rgb(82, 52, 34)
    return light[hair] if hair in light and rng.random() < 0.8 else dark
