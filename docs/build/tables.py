"""Fill the tables of the README, the docs and the model card from measured JSON files.

    python -m docs.build.tables            # rewrite the files
    python -m docs.build.tables --check    # fail if one of them is not what the measurements say

A table stands between `<!-- table NAME -->` and `<!-- end -->`; what is written there by hand is
lost.
"""

import re
import sys
from collections.abc import Callable

from colorization.evaluation.report import METRICS, format_interval
from docs.build import network_tables
from docs.build.measured import BUILD, RESULTS, ROOT, load, markdown

PAGES = ("README.md", "docs/models.md", "docs/photos.md", "models/MODEL_CARD.md")
TABLE = re.compile(r"(<!-- table (?P<name>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


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
            f"{format_interval(s['ab_mse'], 0)} · {s['colorfulness_ratio']['mean']:.2f}"
            for s in scores
        ]
        rows.append([model, *cells])
    return markdown(head, rows)


def metrics() -> str:
    """Every metric of every model on the faces."""
    scores = load(RESULTS)["scores"]["faces"]
    head = ["faces", *(metric.heading for metric in METRICS)]
    rows = [
        [model, *(f"{values[m.name]['mean']:.{m.digits}f}" for m in METRICS)]
        for model, values in scores.items()
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
                f"{format_interval(found[model]['ab_mse'], 0)} · "
                f"{found[model]['colorfulness_ratio']['mean']:.2f}"
                for model in models
            ),
        ]
        for tone, found in groups.items()
    ]
    return markdown(["faces", *models], rows)


# Names in `data_path.json`.
DATA_PATH = (
    "preparation / the assignment's way",
    "training input / the assignment's way",
    "training input / plain read",
    "streamed input / plain read",
    "fit with real input / fit on one batch",
)


def data_path() -> str:
    """Images per second of preparation and input, beside other ways."""
    found = load(BUILD / "data_path.json")
    rows = []
    for name in DATA_PATH:
        row = found[name]
        rates = [f"{row[key]:,.0f}" for key in ("images_per_second", "against")]
        rows.append([name, f"{row['ratio']:.2f}", *rates])
    head = [f"measured at revision {found['revision']}", "ratio", "images/s", "against"]
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
        print(f"not what is measured: {', '.join(stale)}; run python -m docs.build.tables")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
