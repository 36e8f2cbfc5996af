import json

import pytest

from colorization.training.devices import (
    ALONE,
    DATA_PARALLEL,
    MIRRORED,
    MULTI_WORKER,
    Placement,
    choose_placement,
    parse_cluster,
)


@pytest.mark.parametrize(
    "backend, devices, sentence",
    [
        (
            "tensorflow",
            ["CPU:0", "GPU:0", "GPU:1"],
            "2 GPUs: MirroredStrategy, 16 images on each of a batch of 32",
        ),
        ("tensorflow", ["CPU:0", "GPU:0"], "1 GPU: batches of 32 images"),
        ("tensorflow", ["CPU:0"], "1 CPU: batches of 32 images"),
        (
            "jax",
            [f"tpu:{index}" for index in range(8)],
            "8 TPUs: DataParallel, 4 images on each of a batch of 32",
        ),
        ("jax", ["gpu:0"], "1 GPU: batches of 32 images"),
        ("torch", ["CPU:0", "GPU:0", "GPU:1"], "1 GPU: batches of 32 images"),
    ],
)
def test_the_hardware_decides_and_a_sentence_says_how(backend, devices, sentence):
    assert choose_placement(backend, devices).sentence(32) == sentence


def test_each_choice_uses_the_devices_it_names():
    assert choose_placement("tensorflow", ["CPU:0", "GPU:0", "GPU:1"]) == Placement(
        MIRRORED, ("GPU:0", "GPU:1")
    )
    assert choose_placement("jax", ["cpu:0", "cpu:1"]) == Placement(
        DATA_PARALLEL, ("cpu:0", "cpu:1")
    )
    assert choose_placement("tensorflow", ["CPU:0"]) == Placement(ALONE, ("CPU:0",))


def test_a_worker_of_a_cluster_shares_the_batch_with_all_devices_of_all_workers():
    placement = choose_placement("tensorflow", ["CPU:0", "GPU:0", "GPU:1"], cluster=(1, 4))
    assert placement == Placement(MULTI_WORKER, ("GPU:0", "GPU:1"), 1, 4)
    assert placement.sentence(32) == (
        "worker 2 of 4, 2 GPUs in each: MultiWorkerMirroredStrategy, "
        "4 images on each of a batch of 32"
    )
    with pytest.raises(ValueError, match="several workers need the backend 'tensorflow'"):
        choose_placement("jax", ["cpu:0"], cluster=(0, 2))


def test_a_batch_that_cannot_be_shared_out_is_refused():
    with pytest.raises(ValueError, match="multiple of 3, the number of devices, received 32"):
        choose_placement("tensorflow", ["GPU:0", "GPU:1", "GPU:2"]).sentence(32)


def test_the_cluster_is_read_from_tf_config():
    cluster = {"worker": ["a:1", "b:1", "c:1"]}
    stated = {"cluster": cluster, "task": {"type": "worker", "index": 2}}
    assert parse_cluster(json.dumps(stated)) == (2, 3)
    assert parse_cluster(None) == (0, 1)
    for wrong in ({"cluster": {**cluster, "ps": ["d:1"]}}, {**stated, "task": {"type": "chief"}}):
        with pytest.raises(ValueError, match="tasks of type 'worker' only, received"):
            parse_cluster(json.dumps(wrong))
