"""Tables about the networks: what they cost, how they learn, what limits them."""

import numpy as np

from docs.build.measured import BUILD, RESULTS, ROOT, load, markdown


def networks() -> str:
    """What the networks cost, and the peers' published code beside them."""
    found = load(BUILD / "networks.json")
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
    found = load(BUILD / "ablation.json")
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
    found = load(BUILD / "data_size.json")
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


def generalization() -> str:
    """Errors on photos that were trained on and kept aside, by source."""
    rows = []
    for source, found in load(BUILD / "generalization.json").items():
        cells = [
            f"{row['ab_mse']:.0f} ± {row['standard_error']:.0f}, {row['ab_mse'] / row['gray']:.2f}"
            for row in (found["train"], found["validation"])
        ]
        rows.append([source, *cells])
    return markdown(["ab MSE ± standard error, share of gray's", "trained on", "kept aside"], rows)


def learning() -> str:
    """How both errors of our network's first stage went on."""
    history = load(ROOT / "models" / "unet-history.json")
    epochs = range(10, len(history["ab_mse"]) + 1, 10)
    rows = [
        [told, *(f"{history[key][epoch - 1]:.1f}" for epoch in epochs)]
        for told, key in (("photos of the training", "ab_mse"), ("kept aside", "val_ab_mse"))
    ]
    return markdown(["ab MSE after epoch", *map(str, epochs)], rows)


SHOWN_STRENGTHS = (0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0)
LIVELY = 0.9  # of the truth's colorfulness


def strength() -> str:
    """What stronger colors cost, and how strong they must be to look as lively as the truth."""
    found = load(BUILD / "strength.json")
    at, sets = found["strengths"], list(load(RESULTS)["sets"])
    rows = []
    for shown in SHOWN_STRENGTHS:
        index = at.index(shown)
        measured = [found["usual"][name] for name in sets]
        cells = [f"{m['ab_mse'][index]:.0f} · {m['colorfulness'][index]:.2f}" for m in measured]
        rows.append([f"strength {shown}", *cells])
    for way, told in (("usual", f"for a ratio of {LIVELY}"), ("quality", "the same, `--quality`")):
        rows.append([told, *(_lively(at, found[way][name]) for name in sets)])
    return markdown(["ab MSE · colorfulness ÷ truth", *sets], rows)


def _lively(strengths: list[float], measured: dict[str, list[float]]) -> str:
    ratios = measured["colorfulness"]  # they grow with the strength
    strength, error = (
        np.interp(LIVELY, ratios, y, right=np.nan) for y in (strengths, measured["ab_mse"])
    )
    return f"{error:.0f} at strength {strength:.2f}"


def against_paper() -> str:
    """The paper's network and ours, after as many photos."""
    found = load(BUILD / "against_paper.json")
    names = next(iter(found.values()))["scores"]
    rows = [
        [
            name,
            *(f"{s['ab_mse']:.1f} · {s['colorfulness']:.2f}" for s in row["scores"].values()),
            f"{row['minutes']:.0f}",
        ]
        for name, row in found.items()
    ]
    return markdown(["ab MSE · colorfulness ÷ truth", *names, "minutes of training"], rows)
