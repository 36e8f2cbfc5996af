"""Markdown tables of `results.json`, which `deepcolor evaluate` writes."""

from collections.abc import Callable

from colorization.evaluation.predictors import BASELINES
from colorization.evaluation.report import METRICS
from docs.build.markdown_tables import ERROR_AND_COLORFULNESS, Results, markdown, signed

OURS = "deep-colorization"
FIGURE_2, TRANSLATED = "autoencoder", "autoencoder-translation"
TONE_MODELS = ("gray", OURS, f"{OURS}, vivid")
# Rows of the README's table: the name in `results.json`, and what the row is.
SUMMARY = {
    "mean color by lightness": "mean color of each lightness (no network)",
    FIGURE_2: "the assignment's network, figure 2",
    TRANSLATED: "the same, trained with translations",
    "previous, quality": "our previous network, from random weights",
    "deep-colorization": "ours, `--fast`",
    "deep-colorization, quality": "**ours**",
}
SUMMARY_SETS = ("portraits", "faces", "wild", "objects")


def results(evaluation: Results) -> str:
    """Tabulate every model on every set: ab MSE with its interval, and colorfulness."""
    sets, scores = evaluation["sets"], evaluation["scores"]
    head = [ERROR_AND_COLORFULNESS, *(f"{name} ({sets[name]['photos']})" for name in sets)]
    models = next(iter(scores.values()))
    rows = [[model, *(_error_and_color(scores[name][model]) for name in sets)] for model in models]
    return markdown(head, rows)


def metrics(evaluation: Results) -> str:
    """Tabulate every measured metric of every model on the faces."""
    models = evaluation["scores"]["faces"]
    measured = [metric for metric in METRICS if metric.name in models["gray"]]
    rows = [
        [model, *(f"{scores[m.name]['mean']:.{m.digits}f}" for m in measured)]
        for model, scores in models.items()
    ]
    return markdown(["faces", *(metric.heading for metric in measured)], rows)


def tones(evaluation: Results) -> str:
    """Tabulate the shipped models and gray on the faces, by skin tone."""
    rows = [
        [tone, *(_error_and_color(scores[model]) for model in TONE_MODELS)]
        for tone, scores in evaluation["groups"]["faces"].items()
    ]
    return markdown(["faces", *TONE_MODELS], rows)


def _error_and_color(scores: Results) -> str:
    mean, low, high = (f"{scores['ab_mse'][key]:.0f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}] · {scores['colorfulness_ratio']['mean']:.2f}"


def summary(evaluation: Results) -> str:
    """Tabulate the ab MSE of a few models on a few sets, the lowest in bold."""
    sets, scores = evaluation["sets"], evaluation["scores"]
    best = {s: min(scores[s][m]["ab_mse"]["mean"] for m in SUMMARY) for s in SUMMARY_SETS}

    def cell(name: str, model: str) -> str:
        error = scores[name][model]["ab_mse"]
        mean = f"**{error['mean']:.0f}**" if error["mean"] == best[name] else f"{error['mean']:.0f}"
        return f"{mean} [{error['low']:.0f}, {error['high']:.0f}]"

    rows = [
        [label, *(cell(name, model) for name in SUMMARY_SETS)] for model, label in SUMMARY.items()
    ]
    return markdown(["ab MSE ↓", *(f"{s} ({sets[s]['photos']})" for s in SUMMARY_SETS)], rows)


def differences(evaluation: Results) -> str:
    """Tabulate the difference of our ab MSE from the best baseline's and the previous network's."""
    sets, found = evaluation["sets"], evaluation["differences"]

    def cell(others: Results, wanted: Callable[[str], bool]) -> str:
        other = next(name for name in others if wanted(name))
        return signed(others[other])

    rows = [
        [
            f"{name} ({sets[name]['photos']})",
            cell(found[name][OURS], lambda other: other in BASELINES),
            cell(found[name][OURS], lambda other: other == "previous"),
            cell(found[name][f"{OURS}, quality"], lambda other: other == OURS),
        ]
        for name in sets
    ]
    head = ["difference of ab MSE", "from the best baseline", "from the previous network"]
    return markdown([*head, "test-time augmentation from one prediction"], rows)


def translations(evaluation: Results) -> str:
    """Tabulate what translations in training change in the ab MSE of figure 2."""
    sets, found = evaluation["sets"], evaluation["differences"]
    row = ["with translations", *(signed(found[name][TRANSLATED][FIGURE_2]) for name in sets)]
    head = [f"{name} ({sets[name]['photos']})" for name in sets]
    return markdown(["difference of ab MSE from figure 2 without", *head], [row])
