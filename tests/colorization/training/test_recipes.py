import ast
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from colorization.config import Optimizer, Preparation, Training
from colorization.models import NETWORKS
from colorization.training.recipes import RECIPE_NAMES, RECIPES, epochs_for, get_recipe

KERNEL = Path(__file__).parents[3] / "kernels" / "train" / "train.py"


def test_the_assignments_recipes_are_to_the_letter():
    plain, translated = RECIPES["autoencoder"], RECIPES["autoencoder-translation"]
    assert (plain.network, plain.epochs, plain.translation) == ("autoencoder", 10, 0.0)
    assert plain.optimizer == Optimizer("adam", 1e-3) and not any(
        asdict(plain.augmentation).values()
    )
    assert (translated.network, translated.epochs, translated.translation) == (
        "autoencoder",
        10,
        0.2,
    )


def test_defaults_are_the_assignments_at_the_128_pixels_of_figure_2():
    assert Training(image_size=128) == RECIPES["autoencoder"]
    assert RECIPES["autoencoder-translation"].image_size == 128


@pytest.mark.parametrize("name", RECIPE_NAMES)
def test_recipes_name_a_network_and_survive_json(name):
    assert RECIPES[name].network in NETWORKS and RECIPES[name].name == name
    assert json.loads(json.dumps(asdict(RECIPES[name])))["epochs"] > 0


def test_an_unknown_recipe_is_refused():
    with pytest.raises(ValueError, match="`name` must be one of autoencoder, .*received 'gan'"):
        get_recipe("gan")


def test_the_train_kernel_trains_no_larger_than_the_records_that_prepare_stores():
    constants = {node.value for node in ast.walk(ast.parse(KERNEL.read_text("utf-8")))
                 if isinstance(node, ast.Constant)}  # fmt: skip
    trained = [name for name in RECIPE_NAMES if name in constants]
    assert {"autoencoder", "autoencoder-translation", "unet", "zhang"} == set(trained)
    stored = Preparation().image_size
    assert all((RECIPES[name].image_size or stored) <= stored for name in trained)


@pytest.mark.parametrize(("photos", "epochs"), [(100, 8), (400_000, 5), (9_000_000, 1)])
def test_a_large_set_gets_fewer_epochs_but_at_least_one(photos, epochs):
    assert epochs_for(RECIPES["unet"], photos) == epochs


def test_the_assignments_network_is_trained_for_its_ten_epochs_on_any_set():
    assert {epochs_for(RECIPES["autoencoder"], photos) for photos in (100, 9_000_000)} == {10}


def test_the_names_of_the_recipes_are_known_without_keras():
    code = (
        "import sys\nfrom colorization.training.recipes import RECIPE_NAMES\n"
        "print({'keras', 'tensorflow', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
