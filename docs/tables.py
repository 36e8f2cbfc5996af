"""Fill the tables of the README, the docs and the model card from measured JSON files.

    python docs/tables.py            # rewrite the files
    python docs/tables.py --check    # fail if one of them is not what the measurements say

A table stands between `<!-- table NAME -->` and `<!-- end -->`; what is written there by hand is
lost.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/models.md", "docs/photos.md", "models/MODEL_CARD.md")
DOCS = ROOT / "docs"
RESULTS = ROOT / "models" / "results.json"
TABLE = re.compile(r"(<!-- table (?P<name>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)

# Name in `results.json`, heading, digits.
METRICS = (
    ("ab_mse", "ab MSE ↓", 1),
    ("ab_rmse", "ab RMSE ↓", 2),
    ("psnr", "PSNR, dB ↑", 2),
    ("ssim", "SSIM ↑", 3),
    ("ciede2000", "CIEDE2000 ↓", 2),
    ("auc", "AuC, % ↑", 1),
    ("auc_rebalanced", "rebalanced ↑", 1),
    ("colourfulness_ratio", "colourfulness ÷ truth", 2),
    ("js_divergence", "JS of ab ↓", 3),
)


def load(path: Path) -> Any:
    """Read a file of measurements."""
    return json.loads(path.read_text("utf-8"))


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table whose first column is text and whose others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def interval(value: dict[str, float], digits: int) -> str:
    """Return a mean with its 95 % interval."""
    mean, low, high = (f"{value[key]:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def results() -> str:
    """Every model on every set: ab MSE with its interval, and colourfulness as a ratio."""
    found = load(RESULTS)
    sets = found["sets"]
    head = ["ab MSE · colourfulness ÷ truth", *(f"{n} ({sets[n]['photos']})" for n in sets)]
    models = next(iter(found["scores"].values()))
    rows = []
    for model in models:
        scores = [found["scores"][name][model] for name in sets]
        cells = [
            f"{interval(s['ab_mse'], 0)} · {s['colourfulness_ratio']['mean']:.2f}" for s in scores
        ]
        rows.append([model, *cells])
    return markdown(head, rows)


def metrics() -> str:
    """Every metric of every model on the faces."""
    scores = load(RESULTS)["scores"]["faces"]
    head = ["faces", *(heading for _, heading, _ in METRICS)]
    rows = [
        [model, *(f"{found[name]['mean']:.{digits}f}" for name, _, digits in METRICS)]
        for model, found in scores.items()
    ]
    return markdown(head, rows)


def tones() -> str:
    """The models that ship and grey, by skin tone."""
    groups = load(RESULTS)["groups"]["faces"]
    models = ("grey", "deep-colorization", "deep-colorization, vivid")
    rows = [
        [
            tone,
            *(
                f"{interval(found[model]['ab_mse'], 0)} · "
                f"{found[model]['colourfulness_ratio']['mean']:.2f}"
                for model in models
            ),
        ]
        for tone, found in groups.items()
    ]
    return markdown(["faces", *models], rows)


# Name in `data_path.json`, goal.
DATA_PATH = (
    ("preparation / decode and resize", "≥ 0.80"),
    ("at most: preparation / decode and resize", ""),
    ("preparation / the assignment's way", "≥ 5"),
    ("at most: preparation / the assignment's way", ""),
    ("training input / the assignment's way", "≥ 15"),
    ("training input / plain read", "≥ 0.80"),
    ("streamed input / plain read", ""),
    ("fit with real input / fit on one batch", "≥ 0.97"),
)


def data_path() -> str:
    """What preparation and input do in a second, against their limits."""
    found = load(DOCS / "data_path.json")
    rows = []
    for name, goal in DATA_PATH:
        if row := found.get(name):
            rates = (row.get(key) for key in ("images_per_second", "against"))
            told = [f"{rate:,.0f}" if rate else "" for rate in rates]
            rows.append([name, f"{row['ratio']:.2f}", goal, *told])
    head = [f"measured at revision {found['revision']}", "ratio", "goal", "images/s", "against"]
    return markdown(head, rows)


def networks() -> str:
    """What the networks cost, and the peers' published code beside them."""
    found = load(DOCS / "networks.json")
    speed = {
        (row["what"], row["network"], row["batch"]): row["images_per_second"]
        for row in found["rows"]
    }
    rows = []
    for name, cost in found["gflop"].items():
        one, many = (speed["inference", name, batch] for batch in (1, 32))
        trained = speed.get(("training", f"{name}, float32", 32))
        rows.append([name, f"{cost:.1f}", f"{1e3 / one:.0f}", f"{one:.1f}", f"{many:.1f}",
                     f"{trained:.1f}" if trained else ""])  # fmt: skip
    for name, (_, cost, ms) in found["peers"].items():
        rows.append([f"{name} 256, elsewhere", f"{cost:.1f}", f"{ms}", f"{1e3 / ms:.1f}", "", ""])
    head = [
        "network and side",
        "GFLOP",
        "ms a photo",
        "photos/s, one at a time",
        "of 32",
        "training",
    ]
    return markdown(head, rows)


def ablation() -> str:
    """What each part of our network and of its recipe gains."""
    found = load(DOCS / "ablation.json")
    ours = found["ours"]["validation_ab_mse"]
    rows = [
        [
            name,
            f"{row['validation_ab_mse']:.1f}",
            f"{round(row['validation_ab_mse'] - ours, 1) + 0:+.1f}" if name != "ours" else "",
            f"{row['training_ab_mse']:.1f}",
            f"{row['parameters'] / 1e6:.2f} M",
        ]
        for name, row in found.items()
    ]
    return markdown(["ab MSE", "validation", "against ours", "training", "parameters"], rows)


def data_size() -> str:
    """How the error falls with the number of photos."""
    found = load(DOCS / "data_size.json")
    names = next(iter(found.values()))["photos"]
    rows = [
        [
            " + ".join(f"{row['photos'][name]:,}" for name in names),
            f"{row['epochs']}",
            f"{row['training_ab_mse']:.1f}",
            *(f"{row['validation_ab_mse'][name]:.1f}" for name in names),
        ]
        for row in found.values()
    ]
    head = [f"trained on: {' + '.join(names)}", "steps, in epochs of all", "ab MSE, training"]
    return markdown([*head, *(f"kept aside: {name}" for name in names)], rows)


def generalisation() -> str:
    """Errors on photos that were trained on and kept aside, by source."""
    rows = []
    for source, found in load(DOCS / "generalisation.json").items():
        cells = [
            f"{row['ab_mse']:.0f} ± {row['standard_error']:.0f}, {row['ab_mse'] / row['grey']:.2f}"
            for row in (found["train"], found["validation"])
        ]
        rows.append([source, *cells])
    return markdown(["ab MSE ± standard error, share of grey's", "trained on", "kept aside"], rows)


SHOWN_STRENGTHS = (0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0)
LIVELY = 0.9  # of the truth's colourfulness


def strength() -> str:
    """What stronger colours cost, and how strong they must be to look as lively as the truth."""
    found = load(DOCS / "strength.json")
    at, sets = found["strengths"], list(load(RESULTS)["sets"])
    rows = []
    for shown in SHOWN_STRENGTHS:
        index = at.index(shown)
        measured = [found["usual"][name] for name in sets]
        cells = [f"{m['ab_mse'][index]:.0f} · {m['colourfulness'][index]:.2f}" for m in measured]
        rows.append([f"strength {shown}", *cells])
    for way, told in (("usual", f"for a ratio of {LIVELY}"), ("quality", "the same, `--quality`")):
        rows.append([told, *(_lively(at, found[way][name]) for name in sets)])
    return markdown(["ab MSE · colourfulness ÷ truth", *sets], rows)


def _lively(strengths: list[float], measured: dict[str, list[float]]) -> str:
    ratios = measured["colourfulness"]  # they grow with the strength
    strength, error = (
        np.interp(LIVELY, ratios, y, right=np.nan) for y in (strengths, measured["ab_mse"])
    )
    return f"{error:.0f} at strength {strength:.2f}"


def against_paper() -> str:
    """The paper's network and ours, after as many photos."""
    found = load(DOCS / "against_paper.json")
    names = next(iter(found.values()))["scores"]
    rows = [
        [
            name,
            *(f"{s['ab_mse']:.1f} · {s['colourfulness']:.2f}" for s in row["scores"].values()),
            f"{row['minutes']:.0f}",
        ]
        for name, row in found.items()
    ]
    return markdown(["ab MSE · colourfulness ÷ truth", *names, "minutes of training"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "results": results,
    "metrics": metrics,
    "tones": tones,
    "data-path": data_path,
    "networks": networks,
    "ablation": ablation,
    "data-size": data_size,
    "generalisation": generalisation,
    "strength": strength,
    "against-paper": against_paper,
}


def filled(text: str) -> str:
    """Return a page with its tables as they are measured."""
    return TABLE.sub(lambda found: f"{found[1]}{TABLES[found['name']]()}\n{found[3]}", text)


def main() -> int:
    """Rewrite the pages, or check them."""
    stale = []
    for page in (ROOT / name for name in PAGES):
        if not page.is_file():
            continue
        before = page.read_text("utf-8")
        after = filled(before)
        if after != before:
            stale.append(page.name)
            if "--check" not in sys.argv:
                page.write_text(after, "utf-8")
    if "--check" in sys.argv and stale:
        print(f"not what is measured: {', '.join(stale)}; run python docs/tables.py")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
