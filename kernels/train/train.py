"""
Title: Deep Colorization: train the networks
Description: Trains figure 2 of the assignment, without and with translations of ±20 %, then our
    U-Net and, where there is an accelerator, the paper's network.
Accelerator: GPU (T4)
Inputs: deep-colorization-code, deep-colorization-records
Outputs: *.keras, *-history.json, models.json -> dataset deep-colorization-model
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up would fill the log
CHAIN = {}  # written by `deepcolor stage`: the fingerprints of this run and of its inputs
INPUT = Path(os.environ.get("KAGGLE_CACHE_MOUNT_FOLDER", "/kaggle/input"))
CODE = "deep-colorization-code"
PLACES = [f"{CODE}/src*", f"{CODE}/versions/*/src*"]  # Kaggle may leave src.zip packed
PLACES += [f"datasets/*/{place}" for place in PLACES]
FOUND = [path for place in PLACES for path in INPUT.glob(place)]
# The newest version comes last.
FOUND.sort(key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
if not FOUND and (CHAIN or not find_spec("colorization")):
    raise FileNotFoundError(
        f"{CODE} is not mounted in {INPUT}: add this dataset to the kernel's inputs, or wait until "
        "it is ready, then push the kernel again"
    )
sys.path[:0] = map(str, FOUND[-1:])

os.environ.setdefault("KERAS_BACKEND", "jax" if find_spec("libtpu") else "tensorflow")
import keras

from colorization.evaluation import figures
from colorization.files import save_json
from colorization.kaggle.run import Run
from colorization.models import autoencoder
from colorization.training.distribution import Distribution, find_placement
from colorization.training.recipes import RECIPES
from colorization.training.train import train

OUTPUT = Path.cwd()
run = Run("train", CHAIN)
print(run, "- Keras", keras.__version__, "on", keras.config.backend())

# %% The devices: two GPUs share every batch, as a TPU's cores do on JAX (not tried on Kaggle yet)
distribution = Distribution(find_placement())
placement = distribution.placement
runs = [RECIPES[name] for name in ("autoencoder", "autoencoder-translation", "unet")]
if not placement.devices[0].upper().startswith("CPU"):
    # 22 times the operations of the U-Net: too slow on a processor.
    runs.append(RECIPES["zhang"])
print(placement.sentence(runs[0].batch_size))

# %% The network of figure 2: 12,546,370 parameters
records = run.input("deep-colorization-records")
print(f"{autoencoder().count_params():,} parameters")

# %% Ten epochs with validation; again with random translations; then the other networks
histories = {}
for config in runs:
    print(f"\n{config.name}: at most {config.epochs} epochs, {config.batch_size} photos a batch")
    histories[config.name] = train(config, records, OUTPUT, distribution)

# %% Training loss against validation loss
assignment = {name: histories[name] for name in ("autoencoder", "autoencoder-translation")}
figures.plot_learning_curves(assignment).savefig(OUTPUT / "learning-curves.png", dpi=120)
save_json(OUTPUT / "models.json", {"runs": list(histories)})
run.finish(OUTPUT, runs)
