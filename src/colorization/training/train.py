"""Training that logs its progress, resumes after an interruption, and saves a portable model."""

from math import ceil
from pathlib import Path

import keras

from colorization.config import Training
from colorization.data.record_set import Records, RecordSet
from colorization.files import save_json
from colorization.models import NETWORKS, NetworkBuilder, takes_any_size, takes_hints
from colorization.models.hint_decoder import PREFIX
from colorization.training.callbacks import Checkpoint, History, ProgressLog, save_model
from colorization.training.compile import compile_model
from colorization.training.devices import Placement
from colorization.training.distribution import Distribution
from colorization.training.mixed_precision import (
    detect_policy,
    dtype_policy,
    keep_depthwise_exact,
)
from colorization.training.recipes import epochs_for


def train(
    config: Training,
    records: Records,
    output: Path,
    distribution: Distribution | None = None,
    network: NetworkBuilder | None = None,
) -> History:
    """Train a network by its recipe, resuming where it was interrupted.

    Writes `<name>.keras`, the network of the best epoch by `selection_values`, in float32 without
    optimizer state, and `<name>-history.json`. Checkpoints in `output` are removed at the end.

    Args:
        config: The recipe.
        records: Folder of records, several with their weights, or an open `RecordSet`.
        output: Folder to write to, shared by all workers.
        distribution: The devices; by default, one.
        network: Builder of the model; by default, that of `config.network`.

    Returns:
        One value per epoch for "loss", "val_loss", "seconds" and the metrics of the heads.
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
        callbacks=[checkpoint, ProgressLog(config.name, epochs)] if first else [checkpoint],
        verbose=0,
    )
    if first:
        portable = build(
            None if takes_any_size(NETWORKS[config.network]) else size, config.batch_norm_momentum
        )
        portable.set_weights(checkpoint.best().get_weights())
        save_model(portable, output / f"{config.name}.keras")
        save_json(output / f"{config.name}-history.json", checkpoint.history)
        checkpoint.remove()
    return checkpoint.history


def _compiled(
    config: Training, records: RecordSet, placement: Placement, build: NetworkBuilder
) -> keras.Model:
    device = placement.devices[0]
    name = detect_policy(device) if config.mixed_precision else "float32"
    with dtype_policy(name):
        model = build(records.training_size(config.image_size), config.batch_norm_momentum)
        model = keep_depthwise_exact(model, device)
    photos = records.count("train")
    steps = ceil(photos / config.batch_size) * epochs_for(config, photos)
    compile_model(model, config, records.ab_counts, steps)
    return model


def _start(model: keras.Model, config: Training, output: Path) -> None:
    for name in config.start.split(",") if config.start else ():
        before = output / f"{name}.keras"
        if not before.is_file():
            raise FileNotFoundError(
                f"{config.name} starts from {name}, and there is no {before}: train it first"
            )
        try:
            _copy_weights(keras.saving.load_model(before, compile=False), model)
        except ValueError as error:
            raise ValueError(f"{config.name} cannot start from {before}: {error}") from error


def _copy_weights(source: keras.Model, target: keras.Model) -> None:
    if not (takes_hints(source) or takes_hints(target)):
        target.set_weights(source.get_weights())
        return
    # The branch for hints may be in one of them alone; the layers of both have names of their own.
    known, wanted = (
        {layer.name: layer for layer in network.layers if layer.weights}
        for network in (source, target)
    )
    if other := [name for name in known.keys() ^ wanted.keys() if not name.startswith(PREFIX)]:
        raise ValueError(f"the networks differ in layers such as {min(other)}")
    for name in known.keys() & wanted.keys():
        wanted[name].set_weights(known[name].get_weights())
