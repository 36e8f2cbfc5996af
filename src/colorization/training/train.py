"""Training that shows its progress, survives an interruption, and leaves a portable model."""

from math import ceil
from pathlib import Path

import keras

from colorization.config import Training
from colorization.data.record_set import Records, RecordSet
from colorization.files import save_json
from colorization.training.callbacks import (
    Checkpoint,
    History,
    ProgressLog,
    save_model,
    selection_values,
)
from colorization.training.devices import Placement
from colorization.training.distribution import Distribution
from colorization.training.mixed_precision import detect_policy, dtype_policy
from colorization.training.recipes import (
    FULLY_CONVOLUTIONAL,
    NETWORKS,
    Network,
    compile_model,
    epochs_for,
)


def train(
    config: Training,
    records: Records,
    output: Path,
    distribution: Distribution | None = None,
    network: Network | None = None,
) -> History:
    """Train a network by its recipe, resuming where it was interrupted.

    Writes `<name>.keras`, the network of the best epoch in float32 and without optimizer state, and
    `<name>-history.json`. The best epoch has the lowest of the `selection_values`. After each
    epoch a checkpoint that holds the optimizer's state replaces the previous one; run again with
    the same `output`, training resumes from there. It is removed once the model is saved.

    Args:
        config: The recipe.
        records: Folder of records, several with their weights, or an open `RecordSet`.
        output: Folder to write to; created if needed. Several workers must share it: all of them
            read the checkpoint, the first one writes.
        distribution: The devices to train on; by default, one.
        network: Builds the model of an image size and a batch normalization's momentum; by
            default, `config.network`.

    Returns:
        For each of "loss" and "val_loss", what the recipe measures besides, and "seconds", one
        value per epoch.
    """
    distribution = distribution or Distribution()
    opened = RecordSet.open(records)
    size = opened.training_size(config.image_size)
    output.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(config.seed)
    build = network or NETWORKS[config.network]
    first = distribution.placement.worker == 0
    checkpoint = Checkpoint(output / f"{config.name}-checkpoint", writes=first)
    with distribution.scope():
        model = checkpoint.load()
        if model is None:
            model = _compiled(config, opened, distribution.placement, build)
            _start(model, config, output)
    epochs = epochs_for(config, opened.count("train"))
    distribution.fit(
        model,
        config,
        opened,
        epochs=epochs,
        initial_epoch=checkpoint.epoch,
        callbacks=[checkpoint, ProgressLog(epochs)] if first else [checkpoint],
        verbose=0,
    )
    if first:
        whole = None if config.network in FULLY_CONVOLUTIONAL else size
        portable = build(whole, config.batch_norm_momentum)
        portable.set_weights(checkpoint.best().get_weights())
        save_model(portable, output / f"{config.name}.keras")
        save_json(output / f"{config.name}-history.json", checkpoint.history)
        checkpoint.remove()
    return checkpoint.history


def _compiled(
    config: Training, records: RecordSet, placement: Placement, build: Network
) -> keras.Model:
    name = detect_policy(placement.devices[0]) if config.mixed_precision else "float32"
    with dtype_policy(name):
        model = build(records.training_size(config.image_size), config.batch_norm_momentum)
    photos = records.count("train")
    epoch_steps = ceil(photos / config.batch_size)
    steps = epoch_steps * epochs_for(config, photos)
    compile_model(model, config, records.ab_counts, steps, epoch_steps)
    return model


def _start(model: keras.Model, config: Training, output: Path) -> None:
    if config.start is None:
        return
    before = output / f"{config.start}.keras"
    if not before.is_file():
        raise FileNotFoundError(
            f"{config.name} goes on from {config.start}, and {before} is not there: train it first"
        )
    model.set_weights(keras.saving.load_model(before, compile=False).get_weights())


def best_run(histories: dict[str, History]) -> str:
    """Return the file name of the model whose validation loss is lowest.

    Args:
        histories: History of each run by its name; all have the same loss.
    """
    return min(histories, key=lambda name: min(selection_values(histories[name]))) + ".keras"
