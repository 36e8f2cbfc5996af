import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from colorization.config import Optimizer, Training
from colorization.data import input_pipeline as pipeline
from colorization.data.record_set import RecordSet
from colorization.data.tfrecords import load_info
from colorization.inference.model_path import SHIPPED_MODEL
from colorization.models import autoencoder, unet
from colorization.models.efficientnet import UNTRAINED_LITE0
from colorization.models.hint_decoder import without_hints
from colorization.training.recipes import RECIPES
from colorization.training.train import train

CONFIG = Training(name="small", epochs=2, batch_size=8)


@pytest.fixture(scope="module")
def trained(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    return folder, train(CONFIG, records, folder)


def test_history_has_both_losses_for_every_epoch_and_is_saved(trained):
    folder, history = trained
    assert {len(values) for values in history.values()} == {2}
    assert history["loss"][1] < history["loss"][0]
    assert json.loads((folder / "small-history.json").read_text()) == history


def test_the_saved_model_opens_without_this_project_and_without_optimizer_state(trained, tmp_path):
    folder, _ = trained
    assert (folder / "small.keras").stat().st_size < 51e6
    code = (
        "import sys, keras, numpy as np\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "print(model.predict_on_batch(np.full((1, 32, 32, 1), 50.0)).shape)\n"
        "print('colorization' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(folder / "small.keras")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.split("\n")[:2] == ["(1, 32, 32, 2)", "False"]


def test_the_saved_model_scores_what_training_reported(trained, records):
    folder, history = trained
    model = keras.saving.load_model(folder / "small.keras")
    errors = [
        (model.predict_on_batch(x) - y.numpy()) ** 2
        for x, y in pipeline.validation_batches(records, 8)
    ]
    assert np.concatenate(errors).mean() == pytest.approx(min(history["val_loss"]), rel=1e-3)


def test_a_training_step_is_traced_once(records, tmp_path):
    traced = []

    @keras.saving.register_keras_serializable("tests")
    class Counted(keras.Model):
        def train_step(self, data):
            traced.append(data)
            return super().train_step(data)

    def counted(size, momentum):
        network = autoencoder(size, momentum)
        return Counted(network.inputs, network.outputs)

    train(replace(CONFIG, epochs=1), records, tmp_path, network=counted)
    assert len(traced) == 1


def test_a_training_that_was_killed_goes_on_where_it_stopped(records, tmp_path):
    config = Training(name="small", epochs=3, batch_size=8)
    code = (
        "import sys\nfrom pathlib import Path\nfrom colorization.augment import Augmentation\n"
        "from colorization.config import Optimizer, Training\n"
        "from colorization.training.train import train\n"
        f"train({config!r}, Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    checkpoint = tmp_path / "small-checkpoint" / "epoch-0001.keras"
    command = [sys.executable, "-c", code, str(records), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not checkpoint.exists():
            assert process.poll() is None, "training ended before its first checkpoint"
            time.sleep(0.02)
        process.kill()
    assert not (tmp_path / "small.keras").exists()
    saved = [json.loads(path.read_text()) for path in checkpoint.parent.glob("epoch-*.json")]
    first = max(saved, key=lambda history: len(history["loss"]))
    history = train(config, records, tmp_path)
    assert len(history["loss"]) == 3
    assert history["loss"][0] == first["loss"][0]
    assert not checkpoint.parent.exists()


def test_a_damaged_record_is_named(records, tmp_path):
    copy = shutil.copytree(records, tmp_path / "records")
    shard = copy / load_info(copy).splits["train"][1].file
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{shard.name} is altered at record \d"):
        train(CONFIG, copy, tmp_path)


@pytest.mark.slow
def test_our_network_trains_on_several_folders_and_its_file_takes_any_size(records, tmp_path):
    config = replace(RECIPES["unet"], epochs=2, batch_size=4, image_size=32)
    history = train(config, {records: 3.0}, tmp_path)
    assert {"val_ab_mse", "bins_loss", "val_loss"} <= history.keys()
    code = (
        "import sys, keras, numpy as np\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "out = model.predict_on_batch(np.full((1, 96, 64, 1), 50.0))\n"
        "print(out['ab'].shape, out['bins'].shape, {w.dtype for w in model.weights})\n"
        "print('colorization' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "unet.keras")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout == "(1, 96, 64, 2) (1, 24, 16, 313) {'float32'}\nFalse\n"


def test_a_stage_goes_on_from_the_network_of_the_one_before(trained, records, tmp_path):
    folder, _ = trained
    shutil.copy(folder / "small.keras", tmp_path)
    still = Optimizer(learning_rate=0.0)
    config = Training(name="next", start="small", epochs=1, batch_size=8, optimizer=still)
    train(config, records, tmp_path)
    before, after = (keras.saving.load_model(tmp_path / f"{n}.keras") for n in ("small", "next"))
    for name, old, new in zip(
        [weight.path for weight in before.trainable_weights],
        before.trainable_weights,
        after.trainable_weights,
        strict=True,
    ):
        np.testing.assert_array_equal(old, new, err_msg=name)


def test_the_network_that_ships_is_trained_on_without_its_branch_for_hints(records, tmp_path):
    shutil.copy(SHIPPED_MODEL, tmp_path / "unet.keras")
    still = Optimizer(learning_rate=0.0)
    config = Training(name="next", network="unet", start="unet", epochs=1, optimizer=still)
    train(config, records, tmp_path)
    shipped, after = (keras.saving.load_model(tmp_path / f"{n}.keras") for n in ("unet", "next"))
    before = {weight.path: weight for weight in without_hints(shipped).weights}
    for weight in after.trainable_weights:
        np.testing.assert_array_equal(before[weight.path], weight, err_msg=weight.path)


def test_a_stage_takes_the_trunk_of_one_network_and_the_branch_of_another(records, tmp_path):
    shutil.copy(SHIPPED_MODEL, tmp_path / "hints.keras")
    unet(encoder=UNTRAINED_LITE0).save(tmp_path / "trunk.keras")
    still = Optimizer(learning_rate=0.0)
    config = Training(
        name="next", network="unet-hints", start="hints,trunk", epochs=1, optimizer=still
    )
    train(config, records, tmp_path)
    hints, trunk, after = (
        keras.saving.load_model(tmp_path / f"{name}.keras") for name in ("hints", "trunk", "next")
    )
    for name, source in (("hint_keys", hints), ("hint_up4_2", hints), ("up4_3", trunk)):
        for weight, before in zip(
            after.get_layer(name).weights, source.get_layer(name).weights, strict=True
        ):
            np.testing.assert_array_equal(weight, before, err_msg=weight.path)


@pytest.mark.parametrize("network", ["unet", "unet-hints"])
def test_a_stage_whose_start_is_another_network_says_so(records, tmp_path, network):
    autoencoder(32).save(tmp_path / "other.keras")
    config = Training(name="next", network=network, start="other", epochs=1)
    with pytest.raises(ValueError, match=r"next cannot start from .*other\.keras"):
        train(config, records, tmp_path)


def test_a_stage_whose_start_is_missing_says_so(records, tmp_path):
    config = Training(name="next", start="small", epochs=1)
    with pytest.raises(FileNotFoundError, match="next starts from small.*train it first"):
        train(config, records, tmp_path)


def test_a_training_size_larger_than_the_records_is_refused_before_anything_is_written(
    records, tmp_path
):
    config = Training(name="large", image_size=64)
    with pytest.raises(ValueError, match=r"`image_size` must be at most .*received 64 .*32 pixels"):
        train(config, records, tmp_path / "networks")
    assert not (tmp_path / "networks").exists()


def test_folders_with_weights_and_an_open_record_set_train_alike(records, tmp_path):
    config = Training(name="small", epochs=1, batch_size=8)
    for given in ({records: 1.0}, RecordSet.open(records)):
        train(config, given, tmp_path / type(given).__name__)
    losses = [
        json.loads((tmp_path / name / "small-history.json").read_text())["loss"]
        for name in ("dict", "RecordSet")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
