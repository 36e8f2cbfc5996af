"""Fill the tables of the README, the docs and the model card from measured JSON files.

    python -m docs.build.tables            # rewrite the files
    python -m docs.build.tables --check    # fail if one of them is not what the measurements say

A table stands between `<!-- table NAME -->` and `<!-- end -->`; what is written there by hand is
lost.
"""

import re
from collections.abc import Callable
from typing import Annotated

import typer

from docs.build import network_tables
from docs.build.measured import BUILD, RESULTS, ROOT, load, markdown

PAGES = ("README.md", "docs/models.md", "docs/photos.md", "models/MODEL_CARD.md")
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
    ("colorfulness_ratio", "colorfulness ÷ truth", 2),
    ("js_divergence", "JS of ab ↓", 3),
)


def interval(value: dict[str, float], digits: int) -> str:
    """Return a mean with its 95 % interval."""
    mean, low, high = (f"{value[key]:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def results() -> str:
    """Every model on every set: ab MSE with its interval, and colorfulness as a ratio."""
    found = load(RESULTS)
    sets = found["sets"]
    head = ["ab MSE · colorfulness ÷ truth", *(f"{n} ({sets[n]['photos']})" for n in sets)]
    models = next(iter(found["scores"].values()))
    rows = []
    for model in models:
        scores = [found["scores"][name][model] for name in sets]
        cells = [
            f"{interval(s['ab_mse'], 0)} · {s['colorfulness_ratio']['mean']:.2f}" for s in scores
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
    """The models that ship and gray, by skin tone."""
    groups = load(RESULTS)["groups"]["faces"]
    models = ("gray", "deep-colorization", "deep-colorization, vivid")
    rows = [
        [
            tone,
            *(
                f"{interval(found[model]['ab_mse'], 0)} · "
                f"{found[model]['colorfulness_ratio']['mean']:.2f}"
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
    found = load(BUILD / "data_path.json")
    rows = []
    for name, goal in DATA_PATH:
        if row := found.get(name):
            rates = (row.get(key) for key in ("images_per_second", "against"))
            told = [f"{rate:,.0f}" if rate else "" for rate in rates]
            rows.append([name, f"{row['ratio']:.2f}", goal, *told])
    head = [f"measured at revision {found['revision']}", "ratio", "goal", "images/s", "against"]
    return markdown(head, rows)


TABLES: dict[str, Callable[[], str]] = {
    "results": results,
    "metrics": metrics,
    "tones": tones,
    "data-path": data_path,
    "networks": network_tables.networks,
    "ablation": network_tables.ablation,
    "data-size": network_tables.data_size,
    "generalization": network_tables.generalization,
    "learning": network_tables.learning,
    "strength": network_tables.strength,
    "against-paper": network_tables.against_paper,
}


def filled(text: str) -> str:
    """Return a page with its tables as they are measured."""
    return TABLE.sub(lambda found: f"{found[1]}{TABLES[found['name']]()}\n{found[3]}", text)


def main(
    check: Annotated[bool, typer.Option("--check", help="Only check the files.")] = False,
) -> None:
    """Rewrite the tables of the pages, or check them."""
    stale = []
    for page in (ROOT / name for name in PAGES):
        if not page.is_file():
            continue
        before = page.read_text("utf-8")
        after = filled(before)
        if after != before:
            stale.append(page.name)
            if not check:
                page.write_text(after, "utf-8")
    if check and stale:
        print(f"not what is measured: {', '.join(stale)}; run python -m docs.build.tables")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
