"""Choose the devices of a training from their names, so that it can be tested without them.

`batch_size` is always that of a whole step; every device takes an equal share.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

ALONE = "one device"
MIRRORED = "MirroredStrategy"
MULTI_WORKER = "MultiWorkerMirroredStrategy"
DATA_PARALLEL = "DataParallel"
SEVERAL_DEVICES = {"tensorflow": MIRRORED, "jax": DATA_PARALLEL}


@dataclass(frozen=True)
class Placement:
    """Where a training runs."""

    method: str = ALONE  # how the devices work together
    devices: tuple[str, ...] = ("CPU:0",)  # of this worker
    worker: int = 0  # the first one writes the files
    workers: int = 1  # processes that train together, each with as many devices

    @property
    def replicas(self) -> int:
        """Number of devices of all workers together."""
        return len(self.devices) * self.workers

    def share(self, batch_size: int) -> int:
        """Return how many images of each batch one device takes; all must take as many."""
        if batch_size % self.replicas:
            raise ValueError(
                f"`batch_size` must be a multiple of {self.replicas}, the number of devices, "
                f"received {batch_size}"
            )
        return batch_size // self.replicas

    def sentence(self, batch_size: int) -> str:
        """Describe it, as in "2 GPUs: MirroredStrategy, 16 images on each of a batch of 32"."""
        share = self.share(batch_size)
        kind, count = self.devices[0].split(":")[0].upper(), len(self.devices)
        devices = f"{count} {kind}{'s' if count > 1 else ''}"
        if self.replicas == 1:
            return f"{devices}: batches of {batch_size} images"
        if self.workers > 1:
            devices = f"worker {self.worker + 1} of {self.workers}, {devices} in each"
        return f"{devices}: {self.method}, {share} images on each of a batch of {batch_size}"


def choose_placement(
    backend: str, devices: Sequence[str], cluster: tuple[int, int] = (0, 1)
) -> Placement:
    """Choose how to train on devices such as "GPU:0"; CPUs are used only without others.

    `cluster` is `(index, count)` of this worker; several need the backend TensorFlow.
    """
    used = tuple(name for name in devices if not name.upper().startswith("CPU")) or tuple(devices)
    worker, workers = cluster
    if workers > 1 and backend != "tensorflow":
        raise ValueError(f"several workers need the backend 'tensorflow', received {backend!r}")
    if workers > 1:
        return Placement(MULTI_WORKER, used, worker, workers)
    if len(used) == 1 or backend not in SEVERAL_DEVICES:
        return Placement(ALONE, used[:1])
    return Placement(SEVERAL_DEVICES[backend], used)


def parse_cluster(tf_config: str | None) -> tuple[int, int]:
    """Return `(index, count)` of this worker from the JSON of `TF_CONFIG`, or `(0, 1)`."""
    stated = json.loads(tf_config or "{}")
    cluster, task = stated.get("cluster", {}), stated.get("task", {})
    if {*cluster, task.get("type", "worker")} != {"worker"}:
        raise ValueError(f"`TF_CONFIG` must have tasks of type 'worker' only, received {tf_config}")
    return task.get("index", 0), len(cluster.get("worker", ["alone"]))
