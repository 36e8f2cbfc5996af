r"""Whether translations help figure 2 elsewhere: both trainings from five seeds each.

    python -m experiments.seeds portraits wild/ --output build/figure2 \
        --summary answers/results/seeds.json

The epoch of each network is chosen on the validation split; what counts is the error on the photos
from elsewhere, which choose nothing. Seed 0 is that of `experiments.figure2`, whose networks are
taken from the same folder.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from docs.build.markdown_tables import markdown
from scipy.stats import t

from colorization.config import Evaluation, Training
from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.image_scores import RESAMPLES
from colorization.inference.colorize import load_model, predict_chroma
from colorization.training.recipes import RECIPES
from deepcolor.local.evaluate import open_eval_sets
from experiments import harness

ARMS = ("autoencoder", "autoencoder-translation")
SEEDS = 5


def configs() -> dict[str, Training]:
    """Return every training, by a name such as "autoencoder, seed 0"."""
    return {
        f"{arm}, seed {seed}": replace(
            RECIPES[arm], seed=seed, name=f"{arm}-seed-{seed}" if seed else arm
        )
        for seed in range(SEEDS)
        for arm in ARMS
    }


def measure(
    config: Training, records: Path, sets: Mapping[str, EvalSet], folder: Path
) -> harness.Result:
    """Train once, and return the ab MSE of every photo of each set, predicted once."""
    harness.train_once(config, {records: 1.0}, folder)
    model = load_model(folder / f"{config.name}.keras")
    return {
        name: [_error(model, photo) for photo in photos.photos] for name, photos in sets.items()
    }


def _error(model: keras.Model, photo: np.ndarray) -> float:
    return float(np.mean((predict_chroma(model, photo[..., 0], fast=True) - photo[..., 1:]) ** 2))


def summarize(rows: Mapping[str, harness.Result]) -> harness.Result:
    """Compare the two arms on each set, photo by photo and seed by seed.

    Returns:
        By set: "before" and "after", the mean ab MSE of every seed; "difference", as
        `paired_intervals`; "seeds_better" of "seeds", and "photos_better" of "photos".
    """
    return {name: _summarize_set(rows, name) for name in next(iter(rows.values()))}


def _summarize_set(rows: Mapping[str, harness.Result], name: str) -> harness.Result:
    before, after = (
        np.array([row[name] for title, row in rows.items() if title.startswith(f"{arm},")])
        for arm in ARMS
    )
    difference = after - before
    return {
        "before": before.mean(axis=1).tolist(),
        "after": after.mean(axis=1).tolist(),
        "difference": paired_intervals(difference),
        "seeds_better": int((difference.mean(axis=1) < 0).sum()),
        "seeds": len(difference),
        "photos_better": int((difference.mean(axis=0) < 0).sum()),
        "photos": difference.shape[1],
    }


def paired_intervals(difference: np.ndarray, seed: int = 0) -> dict[str, dict[str, float]]:
    """Return the mean of differences `(seeds, photos)` with 95 % intervals.

    "seeds" is Student's interval over the trainings, on these photos; "both" is the bootstrap over
    trainings and photos at once, for other trainings on other photos.
    """
    seeds, photos = difference.shape
    means = difference.mean(axis=1)
    mean = float(means.mean())
    margin = float(t.ppf(0.975, seeds - 1) * means.std(ddof=1) / seeds**0.5)
    random = np.random.default_rng(seed)
    resampled = [
        difference[np.ix_(random.integers(seeds, size=seeds), random.integers(photos, size=photos))]
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile([part.mean() for part in resampled], [2.5, 97.5])
    return {
        "seeds": {"mean": mean, "low": mean - margin, "high": mean + margin},
        "both": {"mean": mean, "low": float(low), "high": float(high)},
    }


def table(summary: harness.Result) -> str:
    """Return the comparison as a Markdown table."""
    rows = []
    for name, found in summary.items():
        errors = [f"{np.mean(found[arm]):.1f} ± {np.std(found[arm]):.1f}" for arm in
                  ("before", "after")]  # fmt: skip
        intervals = (found["difference"][over] for over in ("seeds", "both"))
        rows.append([name, *errors, *("{mean:+.1f} [{low:+.1f}, {high:+.1f}]".format(**i)
                                      for i in intervals)])  # fmt: skip
    head = ["ab MSE, mean ± deviation of the seeds", *ARMS]
    return markdown([*head, "difference, over seeds", "over seeds and photos"], rows)


def main(
    records: Annotated[Path, typer.Argument(help="Folder of records of the portraits.")],
    elsewhere: Annotated[Path, typer.Argument(help="Folder or zip of portraits from elsewhere.")],
    output: harness.FolderOption,
    summary: harness.SummaryOption = None,
) -> None:
    """Train figure 2 without and with translations from five seeds, and compare them."""
    places = ([f"validation={records}"], [f"elsewhere={elsewhere}"])
    sets = open_eval_sets(*places, Evaluation())
    rows = {
        name: partial(measure, config, records, sets, output) for name, config in configs().items()
    }
    compared = summarize(harness.run_rows(rows, output / "seeds.json"))
    print(table(compared))
    harness.write_json(summary, compared)


if __name__ == "__main__":
    typer.run(main)
