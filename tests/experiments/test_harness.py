import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import typer
from experiments.harness import read_photos, run_rows, score_validation, train_once, write_json

from colorization.config import Training
from colorization.data import input_pipeline

CONFIG = Training(epochs=2, batch_size=8, image_size=32, name="tiny")


def tiny_network(size, momentum):
    lightness = keras.Input((size, size, 1))
    return keras.Model(lightness, keras.layers.Conv2D(2, 3, padding="same")(lightness))


def gray_network(size):
    lightness = keras.Input((size, size, 1))
    return keras.Model(lightness, keras.layers.Conv2D(2, 1, kernel_initializer="zeros")(lightness))


def test_an_interrupted_run_resumes_and_trains_no_finished_row_again(records, tmp_path):
    built = []

    def row(name):
        def network(size, momentum):
            built.append(name)
            # A training builds its network twice: to train it, and to save it.
            if built == ["first", "first", "second", "second"]:
                raise KeyboardInterrupt
            return tiny_network(size, momentum)

        config = replace(CONFIG, name=name)
        return lambda: train_once(config, {records: 1.0}, tmp_path, network)

    rows = {name: row(name) for name in ("first", "second")}
    file = tmp_path / "rows.json"
    with pytest.raises(KeyboardInterrupt):
        run_rows(rows, file)
    assert list(json.loads(file.read_text("utf-8"))) == ["first"]
    assert not (tmp_path / "second.keras").exists()

    results = run_rows(rows, file)
    assert built[4:] == ["second"]  # its checkpoint is complete: only saved
    assert [len(history["loss"]) for history in results.values()] == [2, 2]
    assert json.loads(file.read_text("utf-8")) == results
    assert (tmp_path / "second.keras").exists()


def test_a_finished_training_is_read_and_not_repeated(records, tmp_path):
    history = train_once(CONFIG, {records: 1.0}, tmp_path, tiny_network)
    assert train_once(CONFIG, {}, tmp_path, network=None) == history


def test_a_training_with_other_settings_is_refused_in_the_same_folder(records, tmp_path):
    train_once(CONFIG, {records: 1.0}, tmp_path, tiny_network)
    with pytest.raises(ValueError, match=r"'tiny' trained with other settings"):
        train_once(replace(CONFIG, epochs=3), {records: 1.0}, tmp_path, tiny_network)


def test_chosen_rows_are_added_to_those_of_the_file(tmp_path):
    file = tmp_path / "results" / "rows.json"
    rows = {name: lambda name=name: {"name": name} for name in "abc"}
    assert list(run_rows(rows, file, ["b"])) == ["b"]
    assert list(run_rows(rows, file, ["b", "a"])) == ["b", "a"]
    assert list(run_rows(rows, file)) == ["b", "a", "c"]
    with pytest.raises(typer.BadParameter, match=r"no row d; there are \['a', 'b', 'c'\]"):
        run_rows(rows, file, ["a", "d"])


def test_each_row_is_announced_with_its_number_and_the_time_left(tmp_path, capsys):
    run_rows({"a": dict, "b": dict}, tmp_path / "rows.json")
    run_rows({"a": dict, "b": dict, "c": dict}, tmp_path / "rows.json")
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["[1/2] a", "[2/2] b, about 0:00:00 left", "[1/1] c"]


def test_scores_are_means_over_the_whole_validation_split(records):
    truth = np.concatenate(
        [y for _, y in input_pipeline.validation_batches(records, 2, 32).as_numpy_iterator()]
    )
    scores = score_validation(gray_network(32), records, 32)
    assert len(truth) == 5 and scores["ab_mse"] == pytest.approx(np.mean(truth**2), rel=1e-5)
    assert scores["colorfulness"] == pytest.approx(0, abs=0.01)


def test_photos_are_read_evenly_spaced_up_to_a_limit(faces):
    photos = list(read_photos(faces))
    assert len(photos) == 20 and photos[0].shape == (24, 16, 3)
    for photo, expected in zip(read_photos(faces, 5), photos[::4], strict=True):
        np.testing.assert_array_equal(photo, expected)


def test_json_is_written_only_where_a_file_is_given(tmp_path):
    write_json(None, {"a": 1})
    write_json(tmp_path / "new" / "a.json", {"a": 1})
    assert json.loads((tmp_path / "new" / "a.json").read_text("utf-8")) == {"a": 1}
