"""Train on this machine, as the train kernel does on Kaggle, on any records."""

from pathlib import Path

from colorization.config import Training
from colorization.files import save_json
from colorization.training.callbacks import History
from colorization.training.distribution import Distribution, find_placement
from colorization.training.train import train
from deepcolor.errors import user_errors


def train_network(config: Training, folders: dict[Path, float], output: Path) -> History:
    """Train a network on this machine's devices, continuing a run that was interrupted.

    Writes `<name>.keras`, `<name>-history.json` and `<name>-config.json`.

    Raises:
        DeepColorError: If the records cannot be used.
    """
    with user_errors(OSError, ValueError):
        distribution = Distribution(find_placement())
        print(distribution.placement.sentence(config.batch_size), flush=True)
        history = train(config, folders, output, distribution)
    save_json(output / f"{config.name}-config.json", config)
    return history
