r"""How the error falls with the number of hints, beside spreading the same hints without a network.

    python -m experiments.hints --records portraits=portraits --photos wild=wild/ \
        --output docs/build/hints.json

After figure 5 of Zhang et al. 2017: random cells of a photo reveal their true mean color. Without a
network, each pixel takes the color of the nearest hint, or the hints spread over pixels of similar
lightness (Levin et al. 2004, *Colorization using Optimization*). A person does not point at random:
the network is also given one hint after another where it is most wrong. All answers have the size
of the network's input, and one prediction.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import typer
from docs.build import markdown_tables
from scipy.ndimage import distance_transform_edt, gaussian_filter, uniform_filter
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import spsolve
from tqdm import tqdm

from colorization.color.lab import reconstituer_image
from colorization.config import HINT_STRIDE, Evaluation
from colorization.evaluation.image_scores import bootstrap_interval
from colorization.inference.colorize import load_model
from colorization.inference.predictor import Predictor, keras_predictor
from colorization.inference.preprocess import WORKING_SIDE, upsample
from colorization.training.random_hints import cell_means
from deepcolor.local.evaluate import open_eval_sets
from experiments import harness

COUNTS = (0, 1, 2, 5, 10, 20, 50, 100)
FEW = 10  # hints that a person may well give
SIDE = WORKING_SIDE  # of the photos, pixels
NEIGHBORS = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1) if down or across]
NARROWER = 0.6
SMALLEST_VARIANCE = 4.0  # of lightness, for neighbors in plain areas
SEEN = 1.5  # cells: a person sees the error around a place, not that of a pixel

Method = Callable[[np.ndarray, np.ndarray], np.ndarray]
# From L, the true ab of the cells, and a seed: the answers to each of `COUNTS`.
Answers = Callable[[np.ndarray, np.ndarray, int], Iterator[np.ndarray]]


def draw(cells: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Reveal so many of `(h, w, 2)` true colors at random: hints `(h, w, 3)`."""
    hints = np.zeros((*cells.shape[:2], 3), np.float32)
    chosen = random.permutation(cells.shape[0] * cells.shape[1])[:count]
    places = np.unravel_index(chosen, cells.shape[:2])
    hints[places] = np.concatenate([cells[places], np.ones((len(chosen), 1))], axis=-1)
    return hints


def at_random(method: Method) -> Answers:
    """Answer hints at random places, drawn anew for each count."""

    def answer(lightness: np.ndarray, cells: np.ndarray, seed: int) -> Iterator[np.ndarray]:
        for count in COUNTS:
            yield method(lightness, draw(cells, count, np.random.default_rng((seed, count))))

    return answer


def where_most_wrong(method: Method) -> Answers:
    """Answer hints that are each given where the last answer is most wrong."""

    def answer(lightness: np.ndarray, cells: np.ndarray, seed: int) -> Iterator[np.ndarray]:
        hints = np.zeros((*cells.shape[:2], 3), np.float32)
        for count in range(COUNTS[-1] + 1):
            ab = method(lightness, hints)
            if count in COUNTS:
                yield ab
            error = gaussian_filter(cell_means(ab[None])[0].numpy() - cells, (SEEN, SEEN, 0))
            wrong = np.where(hints[..., 2] > 0, -1, np.sum(error**2, axis=-1))
            place = np.unravel_index(wrong.argmax(), wrong.shape)
            hints[place] = *cells[place], 1

    return answer


def by_network(predictor: Predictor) -> Method:
    """Spread hints with a network."""
    return lambda lightness, hints: predictor.chroma(
        lightness, hints=hints if hints[..., 2].any() else None
    )


def by_distance(lightness: np.ndarray, hints: np.ndarray) -> np.ndarray:
    """Give each pixel of L `(H, W)` the color of the nearest hint; gray without hints."""
    full = hints.repeat(HINT_STRIDE, axis=0).repeat(HINT_STRIDE, axis=1)
    if not full[..., 2].any():
        return np.zeros((*lightness.shape, 2), np.float32)
    _, nearest = distance_transform_edt(full[..., 2] == 0, return_indices=True)
    return full[tuple(nearest)][..., :2]


def by_optimization(lightness: np.ndarray, hints: np.ndarray) -> np.ndarray:
    """Spread hints over L `(H, W)` as Levin et al. 2004: similar neighbors have similar colors."""
    full = hints.repeat(HINT_STRIDE, axis=0).repeat(HINT_STRIDE, axis=1).reshape(-1, 3)
    given = full[:, 2] > 0
    if not given.any():
        return np.zeros((*lightness.shape, 2), np.float32)
    free = diags_array((~given).astype(np.float64))
    system = diags_array(np.ones(given.size)) - free @ _affinities(lightness)
    wanted = np.where(given[:, None], full[:, :2], 0.0)
    return spsolve(system.tocsc(), wanted).reshape(*lightness.shape, 2)


def _affinities(lightness: np.ndarray) -> coo_array:
    # Equation 2 with the variance of L around each pixel, narrowed as in the released code.
    mean = uniform_filter(lightness, 3)
    variance = np.maximum(uniform_filter(lightness**2, 3) - mean**2, SMALLEST_VARIANCE)
    index = np.arange(lightness.size).reshape(lightness.shape)
    parts = []
    for down, across in NEIGHBORS:
        here = _shifted(-down, -across)
        there = _shifted(down, across)
        difference = lightness[here] - lightness[there]
        weight = np.exp(-(difference**2) / (NARROWER * variance[here])) + 1e-8
        parts.append((weight.ravel(), index[here].ravel(), index[there].ravel()))
    weights, rows, columns = (np.concatenate(part) for part in zip(*parts, strict=True))
    matrix = coo_array((weights, (rows, columns)), shape=(lightness.size,) * 2)
    return diags_array(1 / matrix.sum(axis=1)) @ matrix


def _shifted(down: int, across: int) -> tuple[slice, slice]:
    return tuple(slice(max(step, 0), min(step, 0) or None) for step in (down, across))


def measure(methods: dict[str, Answers], photos: list[np.ndarray], title: str) -> harness.Result:
    """Return the mean ab MSE and PSNR of each method at each of `COUNTS`.

    With "left", the share of its error without hints that `FEW` leave, and a 95 % interval.
    """
    errors = np.zeros((2, len(methods), len(COUNTS), len(photos)))
    for number, photo in enumerate(tqdm(photos, title, unit=" photos")):
        lightness, truth = photo[..., 0], photo[..., 1:]
        cells = cell_means(truth[None])[0].numpy()
        for row, method in enumerate(methods.values()):
            for column, answer in enumerate(method(lightness, cells, number)):
                ab = np.clip(answer, -128, 127)
                errors[:, row, column, number] = np.mean((ab - truth) ** 2), _psnr(photo, ab)
    means = errors.mean(axis=-1)
    return {
        name: {
            "photos": len(photos),
            "ab_mse": means[0, row].tolist(),
            "psnr": means[1, row].tolist(),
            "left": _left(errors[0, row, COUNTS.index(0)], errors[0, row, COUNTS.index(FEW)]),
        }
        for row, name in enumerate(methods)
    }


def _left(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    # A ratio of means; its interval by linearization.
    share = after.mean() / before.mean()
    interval = bootstrap_interval((after - share * before) / before.mean(), seed=0)
    return {bound: share + value for bound, value in interval.items()}


def _psnr(photo: np.ndarray, ab: np.ndarray) -> float:
    colored, true = (
        reconstituer_image(photo[..., :1], chroma)
        for chroma in (ab.astype(np.float32), photo[..., 1:])
    )
    return float(-10 * np.log10(max(np.mean((colored - true) ** 2), 1e-6)))


def main(
    records: harness.SetRecordsOption = None,
    photos: harness.SetPhotosOption = None,
    model: harness.ModelOption = None,
    most: harness.MostOption = 100,
    output: harness.FileOption = None,
) -> None:
    """Measure the error by the number of hints."""
    network = by_network(keras_predictor(load_model(model)))
    methods = {
        "the network": at_random(network),
        "the network, where it is most wrong": where_most_wrong(network),
        "the nearest hint": at_random(by_distance),
        "optimization (Levin et al. 2004)": at_random(by_optimization),
    }
    sets = open_squares(records or (), photos or (), most)
    results = {
        "counts": list(COUNTS),
        "sets": {name: measure(methods, squares, name) for name, squares in sets.items()},
    }
    print(markdown_tables.hints(results))
    harness.write_json(output, results)


def open_squares(
    records: Sequence[str], photos: Sequence[str], most: int
) -> dict[str, list[np.ndarray]]:
    """Open sets as `open_eval_sets` does, their Lab photos reduced to `SIDE` pixels each way."""
    sets = open_eval_sets(records, photos, Evaluation(max_photos=most))
    return {name: [_reduce(photo) for photo in chosen.photos] for name, chosen in sets.items()}


def _reduce(photo: np.ndarray) -> np.ndarray:
    # A square: the sides of a network's input are multiples of 32. Bicubic weights overshoot.
    lightness = upsample(photo[..., [0, 0]], (SIDE, SIDE))[..., :1].clip(0, 100)
    ab = upsample(photo[..., 1:], (SIDE, SIDE)).clip(-128, 127)
    return np.concatenate([lightness, ab], axis=-1)


if __name__ == "__main__":
    typer.run(main)
