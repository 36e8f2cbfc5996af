"""Training on one device, on several of a machine, or on several machines.

The gradient of a step is that of its whole batch. Only batch normalization differs: under
`tf.distribute` each device normalizes its own share of the batch, on JAX the whole batch.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from colorization.config import Training
from colorization.data import input_pipeline
from colorization.data.record_set import Records, RecordSet
from colorization.data.tfrecords import report_damage
from colorization.training.batches import (
    add_drawn_hints,
    drop_remainder,
    pad_remainder,
    targets_per_head,
)
from colorization.training.devices import (
    DATA_PARALLEL,
    MIRRORED,
    MULTI_WORKER,
    Placement,
    choose_placement,
    parse_cluster,
)


def find_placement() -> Placement:
    """Choose a placement from this machine's devices and `TF_CONFIG`. Call it before computing."""
    backend = keras.config.backend()
    if backend == "jax":
        # TensorFlow only reads the records, but would still allocate the GPUs' memory.
        tf.config.set_visible_devices([], "GPU")
        devices = keras.distribution.list_devices()
    else:
        physical = tf.config.list_physical_devices()
        devices = [device.name.removeprefix("/physical_device:") for device in physical]
    return choose_placement(backend, devices, parse_cluster(os.environ.get("TF_CONFIG")))


class Distribution:
    """Feeds and fits models on a placement.

    Each of several workers makes it before it computes anything, and waits for the others.
    """

    def __init__(self, placement: Placement | None = None):
        self.placement = placement or Placement()
        self._strategy = _strategy(self.placement)

    def scope(self) -> AbstractContextManager:
        """Return the context in which a model is built and compiled, or loaded."""
        return self._strategy.scope() if self._strategy else nullcontext()

    def fit(self, model: keras.Model, config: Training, records: Records, **options: Any) -> None:
        """Fit a model to the training split, and validate it after each epoch on all images.

        One device sees every image in each epoch. Several devices of a machine drop the remainder
        of the last batch. Several workers read different shards, in epochs of
        `photos // batch_size` steps.

        Args:
            model: A model that was compiled within `scope()`.
            config: The recipe.
            records: Folder of records, or several with their weights.
            **options: Further arguments of `model.fit`.

        Raises:
            ValueError: If batches or shards cannot be shared out, or a record is damaged.
        """
        opened = RecordSet.open(records)
        with report_damage(*opened.infos):
            self._fit(model, config, opened, options)

    def _fit(
        self, model: keras.Model, config: Training, records: RecordSet, options: dict[str, Any]
    ) -> None:
        self.placement.share(config.batch_size)
        photos = records.count("train")
        if self.placement.workers == 1:
            batches = self._training(config, records, config.batch_size)
            training = drop_remainder(batches, photos, config.batch_size, self.placement.replicas)
            training = _for_model(training, model, config.seed, each_epoch=True)
        else:
            part = self._part(config, records)
            part = _for_model(part, model, config.seed + self.placement.worker, each_epoch=True)
            training = self._strategy.distribute_datasets_from_function(lambda _: part)
            options["steps_per_epoch"] = photos // config.batch_size
            _work_around_keras_bugs(model, part.element_spec)
        if self.placement.method in (MIRRORED, MULTI_WORKER):
            # tf.distribute does not support XLA, which a checkpoint from a single GPU enables.
            model.jit_compile = False
        # Not in tf.distribute's scope, where what a callback creates waits for all workers.
        with self.scope() if self.placement.method == DATA_PARALLEL else nullcontext():
            validation = self._validation(config, records)
            validation = _for_model(validation, model, config.seed, each_epoch=False)
            if self._strategy is None:
                # Variables that the first step creates would have Keras trace that step twice.
                model._symbolic_build(data_batch=_symbolic(validation.element_spec))
            model.fit(training, validation_data=validation, **options)

    def _training(self, config: Training, records: RecordSet, batch_size: int) -> tf.data.Dataset:
        worker, workers = self.placement.worker, self.placement.workers
        return input_pipeline.training_batches(
            records,
            batch_size,
            config.seed + worker,
            config.translation,
            part=(worker, workers),
            augmentation=config.augmentation,
            image_size=config.image_size,
        )

    def _part(self, config: Training, records: RecordSet) -> tf.data.Dataset:
        workers = self.placement.workers
        share = self.placement.share(config.batch_size)
        batches = self._training(config, records, share)
        for info in records.infos.values():
            shards = info.splits["train"]
            fewest = min(sum(s.photos for s in shards[index::workers]) for index in range(workers))
            if fewest < config.batch_size // workers:
                raise ValueError(
                    f"`batch_size` {config.batch_size} is {config.batch_size // workers} images "
                    f"per worker, but one of {workers} workers has {fewest} photos in its shards"
                )
        # Repeated, because workers with fewer photos must keep up with the others.
        return batches.filter(lambda x, y: tf.shape(x)[0] == share).repeat()

    def _validation(self, config: Training, records: RecordSet) -> tf.data.Dataset:
        photos = records.count("validation")
        replicas = self.placement.replicas
        batches = input_pipeline.validation_batches(records, config.batch_size, config.image_size)
        options = tf.data.Options()
        # Each of several workers keeps its share of every batch.
        options.experimental_distribute.auto_shard_policy = (
            tf.data.experimental.AutoShardPolicy.DATA
        )
        return pad_remainder(batches, photos, config.batch_size, replicas).with_options(options)


def _for_model(
    batches: tf.data.Dataset, model: keras.Model, seed: int, each_epoch: bool
) -> tf.data.Dataset:
    return targets_per_head(add_drawn_hints(batches, model, seed, each_epoch), model)


def _strategy(placement: Placement) -> Any:
    devices = list(placement.devices)
    make: dict[str, Callable[[], Any]] = {
        MIRRORED: lambda: tf.distribute.MirroredStrategy(devices),
        MULTI_WORKER: tf.distribute.MultiWorkerMirroredStrategy,
        DATA_PARALLEL: lambda: keras.distribution.DataParallel(devices=devices),
    }
    return make[placement.method]() if placement.method in make else None


def _work_around_keras_bugs(model: keras.Model, element_spec: Any) -> None:
    # Keras 3.13 has two bugs with several workers. To build layers, it reduces the pair (x, y) as
    # if it were one tensor; given an element, it does not.
    element = _symbolic(element_spec)
    build = model._maybe_symbolic_build
    model._maybe_symbolic_build = lambda iterator=None: build(data_batch=element)
    # And it averages the metrics of a step along their first dimension, though they are scalars.
    for step in ("train_step", "test_step"):
        setattr(model, step, partial(_with_vectors, getattr(model, step)))


def _symbolic(element_spec: Any) -> Any:
    return tf.nest.map_structure(
        lambda spec: keras.KerasTensor(spec.shape, spec.dtype.name), element_spec
    )


def _with_vectors(step: Callable[[Any], dict[str, tf.Tensor]], data: Any) -> dict[str, tf.Tensor]:
    return {name: tf.reshape(measure, (1,)) for name, measure in step(data).items()}
