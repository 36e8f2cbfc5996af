import keras
import numpy as np
import pytest

from colorization.training.callbacks import Checkpoint, selection_values


def test_epochs_are_compared_by_the_error_of_chroma_where_it_is_measured():
    assert selection_values({"val_loss": [3.0]}) == [3.0]
    assert selection_values({"val_loss": [3.0], "val_ab_mse": [90.0]}) == [90.0]


def model_of(value):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.full((1, 1), value, np.float32)])
    model.compile(loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.mark.parametrize("killed_after", [1, 2, 3, 4])
def test_the_best_epoch_is_kept_not_the_last_even_after_a_kill(killed_after, tmp_path):
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    for epoch, loss in enumerate([5.0, 3.0, 4.0, 3.5]):
        if epoch == killed_after:
            checkpoint = Checkpoint(tmp_path / "checkpoint")
            assert checkpoint.load().get_weights()[0] == epoch - 1 and checkpoint.epoch == epoch
        checkpoint.set_model(model_of(epoch))
        checkpoint.on_epoch_begin(epoch)
        checkpoint.on_epoch_end(epoch, {"loss": 1.0, "val_loss": loss})
    assert checkpoint.best().get_weights()[0] == 1
    assert checkpoint.history["val_loss"] == [5.0, 3.0, 4.0, 3.5]
    checkpoint.remove()
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize("lost", [float("nan"), float("inf")])
def test_an_epoch_whose_loss_is_no_number_ends_the_training_and_is_not_kept(lost, tmp_path):
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    checkpoint.set_model(model_of(0))
    checkpoint.on_epoch_begin(0)
    checkpoint.on_epoch_end(0, {"loss": 1.0, "val_loss": 2.0})
    with pytest.raises(ValueError, match="diverged: loss, val_loss of epoch 2 .*learning_rate"):
        checkpoint.on_epoch_end(1, {"loss": lost, "val_loss": lost})
    again = Checkpoint(tmp_path / "checkpoint")
    again.load()
    assert again.epoch == 1 and again.history["loss"] == [1.0]
