"""What limits the assignment's auto-encoder: its curves, with and without translation, and why.

    deepcolor prepare portraits.zip -o portraits
    python -m experiments.figure2 portraits --output build/experiments/figure2

Four trainings on the same records, each resumed if it was interrupted: the assignment's two; the
first one with Keras's default momentum of batch normalization; the first one three times as long.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from colorization.config import Training
from colorization.files import save_json
from colorization.training.callbacks import History
from colorization.training.recipes import RECIPES
from colorization.training.train import train

PLAIN = RECIPES["autoencoder"]
RUNS: tuple[Training, ...] = (
    PLAIN,
    RECIPES["autoencoder-translation"],
    replace(PLAIN, name="autoencoder-momentum-0.99", batch_norm_momentum=0.99),
    replace(PLAIN, name="autoencoder-30-epochs", epochs=30),
)


def line(name: str, history: History) -> str:
    """Return a row of the table."""
    losses = [history[key][at] for at in (0, -1) for key in ("loss", "val_loss")]
    return (
        f"| {name} | {losses[0]:.1f} / {losses[1]:.1f} | {losses[2]:.1f} / {losses[3]:.1f} "
        f"| {min(history['val_loss']):.1f} | {max(history['val_loss']):.1f} |"
    )


def main() -> None:
    """Train what is not trained yet, print the table, and write the histories."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    file = options.output / "figure2.json"
    histories: dict[str, History] = {}
    for config in RUNS:
        print(f"\n{config.name}", flush=True)
        done = options.output / f"{config.name}-history.json"
        if not done.is_file():
            train(config, options.records, options.output)
        histories[config.name] = json.loads(done.read_text("utf-8"))
        save_json(file, histories)
    print("\n| ab MSE | first epoch: training / validation | last | best | worst |")
    print("|---|---:|---:|---:|---:|")
    for name, history in histories.items():
        print(line(name, history))


if __name__ == "__main__":
    main()
