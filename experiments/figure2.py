"""The assignment's auto-encoder: three trainings on the same records.

    deepcolor prepare portraits.zip -o portraits
    python -m experiments.figure2 portraits --output build/figure2

The assignment's two trainings, without and with translation, and the first one with Keras's default
momentum of batch normalization.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from docs.build.markdown_tables import markdown

from colorization.training.callbacks import History
from colorization.training.recipes import RECIPES
from experiments import harness

PLAIN = RECIPES["autoencoder"]
CONFIGS = (
    PLAIN,
    RECIPES["autoencoder-translation"],
    replace(PLAIN, name="autoencoder-momentum-0.99", batch_norm_momentum=0.99),
)


def table(histories: dict[str, History]) -> str:
    """Return the losses of each training as a Markdown table."""
    rows = []
    for name, history in histories.items():
        loss, validation = history["loss"], history["val_loss"]
        ends = [f"{loss[epoch]:.1f} / {validation[epoch]:.1f}" for epoch in (0, -1)]
        rows.append([name, *ends, f"{min(validation):.1f}", f"{max(validation):.1f}"])
    head = ["ab MSE", "first epoch: training / validation", "last epoch", "best", "worst"]
    return markdown(head, rows)


def main(
    records: Annotated[Path, typer.Argument(help="Folder of records.")],
    output: harness.FolderOption,
) -> None:
    """Train the auto-encoder in three ways, and print the losses."""
    train = partial(harness.train_once, records={records: 1.0}, folder=output)
    rows = {config.name: partial(train, config) for config in CONFIGS}
    print(table(harness.run_rows(rows, output / "figure2.json")))


if __name__ == "__main__":
    typer.run(main)
