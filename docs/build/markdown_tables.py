"""Markdown tables of experiments and benchmarks; each takes the content of a JSON file."""

from typing import Any

import numpy as np

Results = dict[str, Any]

# Names in `data_path.json`.
DATA_PATH = (
    "preparation / the assignment's way",
    "training input / the assignment's way",
    "training input / plain read",
    "streamed input / plain read",
    "fit with real input / fit on one batch",
)
SET_ORDER = (
    "portraits", "faces", "wild", "people-wide", "things-wide", "objects", "scenes",
)  # fmt: skip
STRENGTHS = (0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0)
LIVELY = 0.9  # of the truth's colorfulness
ERROR_AND_COLORFULNESS = "ab MSE · colorfulness ÷ truth"


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table whose first column is text and whose others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def sort_sets(sets: Results) -> Results:
    """Put evaluated sets into the order of `SET_ORDER`; others come last."""
    names = [name for name in SET_ORDER if name in sets]
    return {name: sets[name] for name in dict.fromkeys([*names, *sets])}


def signed(difference: dict[str, float], digits: int = 1) -> str:
    """Return a difference and its interval, with signs."""
    mean, low, high = (f"{difference[key]:+.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def data_path(measured: Results) -> str:
    """Tabulate images per second of preparation and input, beside other ways."""
    rows = []
    for name in DATA_PATH:
        rates = [f"{measured[name][key]:,.0f}" for key in ("images_per_second", "against")]
        rows.append([name, f"{measured[name]['ratio']:.2f}", *rates])
    return markdown(
        [f"measured at revision {measured['revision']}", "ratio", "images/s", "against"], rows
    )


def networks(measured: Results) -> str:
    """Tabulate cost and speed of the networks and of their peers' published code."""
    speed = {
        (row["what"], row["network"], row["batch"]): row["images_per_second"]
        for row in measured["rows"]
    }
    rows = []
    for name, cost in measured["gflop"].items():
        one, many = (speed["inference", name, batch] for batch in (1, 32))
        training = speed.get(("training", f"{name}, float32", 32))
        rows.append([name, f"{cost:.1f}", f"{1e3 / one:.0f}", f"{one:.1f}", f"{many:.1f}",
                     f"{training:.1f}" if training else ""])  # fmt: skip
    for name, (_, cost, ms) in measured["peers"].items():
        rows.append([f"{name} 256, elsewhere", f"{cost:.1f}", f"{ms}", f"{1e3 / ms:.1f}", "", ""])
    speeds = ["ms per photo", "photos/s, one at a time", "of 32", "training"]
    return markdown(["network and side", "GFLOP", *speeds], rows)


def runtimes(measured: Results) -> str:
    """Tabulate speed, size and agreement of a network's exports on every runtime."""
    columns = [name for name in measured["rows"]["coloriser, Keras"] if name.startswith("seconds_")]
    titles = [name.removeprefix("seconds_") for name in columns]
    lines = []
    for name, row in measured["rows"].items():
        cells = [f"{1e3 * row[column]:.0f}" if column in row else "" for column in columns]
        cells.append(f"{row['bytes'] / 1e6:.1f}" if "bytes" in row else "")
        cells.append(f"{row['agreement']:.2%}" if "agreement" in row else "")
        lines.append([name, *cells])
    times = [f"{title} px, ms" if title.isdigit() else f"{title}, ms" for title in titles]
    return markdown(["", *times, "MB", "within a level"], lines)


def ablation(measured: Results) -> str:
    """Tabulate what each part of our network and of its recipe gains, by set."""
    names = list(next(iter(measured.values()))["validation_ab_mse"])

    def cell(row: Results, name: str) -> str:
        difference = row["against_ours"].get(name)
        error = f"{row['validation_ab_mse'][name]:.0f}"
        return error if difference is None else f"{error}, {signed(difference)}"

    rows = [
        [title, *(cell(row, name) for name in names), f"{row['parameters'] / 1e6:.1f} M"]
        for title, row in measured.items()
    ]
    return markdown(["ab MSE, difference from ours", *names, "parameters"], rows)


def data_size(measured: Results) -> str:
    """Tabulate the error by the number of photos."""
    names = next(iter(measured.values()))["photos"]
    rows = [
        [
            " + ".join(f"{row['photos'][name]:,}" for name in names),
            f"{row['epochs']}",
            f"{row['training_ab_mse']:.1f}",
            *(f"{row['validation_ab_mse'][name]:.1f}" for name in names),
        ]
        for row in measured.values()
    ]
    head = [
        f"trained on: {' + '.join(names)}",
        "steps, in epochs of all photos",
        "ab MSE, training",
    ]
    return markdown([*head, *(f"held out: {name}" for name in names)], rows)


def generalization(measured: Results) -> str:
    """Tabulate errors on training photos and on held-out photos, by source."""
    rows = [
        [source, *(_share_of_gray(splits[split]) for split in ("train", "validation"))]
        for source, splits in measured.items()
    ]
    return markdown(
        ["ab MSE ± standard error, share of gray's", "training photos", "held-out photos"], rows
    )


def _share_of_gray(row: Results) -> str:
    share = row["ab_mse"] / row["gray"]
    return f"{row['ab_mse']:.0f} ± {row['standard_error']:.0f}, {share:.2f}"


def learning(history: dict[str, list[float]]) -> str:
    """Tabulate both errors of a training, after at most ten of its epochs."""
    count = len(history["ab_mse"])
    every = -(-count // 10)
    epochs = range(every, count + 1, every)
    rows = [
        [photos, *(f"{history[key][epoch - 1]:.1f}" for epoch in epochs)]
        for photos, key in (("training photos", "ab_mse"), ("held-out photos", "val_ab_mse"))
    ]
    return markdown(["ab MSE after epoch", *map(str, epochs)], rows)


def old_film(measured: Results) -> str:
    """Tabulate the error, and the redness of faces, by the film that took the photo."""
    films = list(dict.fromkeys(film for films in measured.values() for film in films))

    def cell(row: Results) -> str:
        redness = f"{row['a']['mean']:.1f}"
        return f"{row['ab_mse']['mean']:.0f} · {redness}" if "ab_mse" in row else redness

    rows = [
        [name, *(cell(found[film]) if film in found else "" for film in films)]
        for name, found in measured.items()
    ]
    return markdown(["ab MSE · a\\* of faces", *films], rows)


def strength(measured: Results) -> str:
    """Tabulate what stronger colors cost, and the strength at which they are lively."""
    strengths = measured["strengths"]
    fast, usual = (sort_sets(measured[key]) for key in ("fast", "usual"))
    rows = []
    for shown in STRENGTHS:
        index = strengths.index(shown)
        cells = [
            f"{m['ab_mse'][index]:.0f} · {m['colorfulness'][index]:.2f}" for m in usual.values()
        ]
        rows.append([f"strength {shown}", *cells])
    for sets, name in ((usual, f"for a ratio of {LIVELY}"), (fast, "the same, `--fast`")):
        rows.append([name, *(_lively(strengths, scores) for scores in sets.values())])
    return markdown([ERROR_AND_COLORFULNESS, *usual], rows)


def _lively(strengths: list[float], scores: dict[str, list[float]]) -> str:
    ratios = scores["colorfulness"]  # they grow with the strength
    strength, error = (
        np.interp(LIVELY, ratios, y, right=np.nan) for y in (strengths, scores["ab_mse"])
    )
    return f"{error:.0f} at strength {strength:.2f}"


def against_paper(measured: Results) -> str:
    """Tabulate the paper's network and ours after as many photos."""
    names = next(iter(measured.values()))["scores"]
    rows = [
        [
            name,
            *(f"{s['ab_mse']:.1f} · {s['colorfulness']:.2f}" for s in row["scores"].values()),
            f"{row['minutes']:.0f}",
        ]
        for name, row in measured.items()
    ]
    return markdown([ERROR_AND_COLORFULNESS, *names, "minutes of training"], rows)


def hints(measured: Results) -> str:
    """Tabulate the error by the number of hints, of the network and of other ways."""
    rows = [
        [f"{name}, {method}", *(f"{error:.0f}" for error in found["ab_mse"]), _share(found["left"])]
        for name, methods in sort_sets(measured["sets"]).items()
        for method, found in methods.items()
    ]
    return markdown(["ab MSE by number of hints", *map(str, measured["counts"]), "10 leave"], rows)


def _share(interval: dict[str, float]) -> str:
    return "{mean:.0%} [{low:.0%}, {high:.0%}]".format(**interval)


def corrections(measured: Results) -> str:
    """Tabulate how much of a correction the thing takes, and what is elsewhere."""
    rows = [
        [
            f"{name} ({shares['photos']})",
            *(f"{shares[part]:.0%}" for part in ("thing", "elsewhere")),
        ]
        for name, shares in sort_sets(measured).items()
    ]
    return markdown(["share of a correction", "in the thing", "elsewhere"], rows)


def sizes(measured: Results) -> str:
    """Tabulate how far apart the colors of a photo are at the two sizes that differ most."""
    figures = {"mean": "mean", "percentile_95": "95th percentile", "worst": "largest"}
    rows = [
        [f"{name} ({found['photos']})", *(f"{found[figure]:.1f}" for figure in figures)]
        for name, found in sort_sets(measured).items()
    ]
    return markdown(["ab distance", *figures.values()], rows)


def upsampling(measured: Results) -> str:
    """Tabulate errors and sharpness of color at edges by the way to upsample it."""

    def cell(name: str, column: str, found: Results) -> str:
        if name == "truth" and column != "sharpness":
            return ""
        mean = f"{found['mean']:.2f}"
        compared = name not in ("bicubic", "truth")
        return f"{mean}, {signed(found['from_bicubic'], digits=2)}" if compared else mean

    rows = [
        [name, *(cell(name, column, found) for column, found in columns.items())]
        for name, columns in measured["ways"].items()
    ]
    head = f"ab distance on {measured['photos']} photos, difference from bicubic"
    return markdown([head, "at edges", "everywhere", "sharpness"], rows)
