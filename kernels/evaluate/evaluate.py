"""
Title: Deep Colorization: evaluate the models
Description: Measures models and trivial baselines on validation and on portraits from elsewhere,
    chooses the best network, and exports it for TensorFlow Serving.
Accelerator: none
Inputs: deep-colorization-code, -records, -model, -elsewhere
Outputs: results.json, per-image.json, gallery-*.png, report.html, saved-model/
    -> dataset deep-colorization-results
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

import json
from tempfile import mkdtemp

import keras

from colorization.config import Evaluation
from colorization.data.chroma_statistics import STATISTICS, ChromaStatistics
from colorization.data.sources import open_photos
from colorization.evaluation.eval_sets import group_by_skin_tone, load_photos, load_validation
from colorization.evaluation.evaluate import evaluate
from colorization.export.saved_model import write_saved_model
from colorization.kaggle.run import Run

CONFIG = Evaluation()
OUTPUT = Path.cwd()
run = Run("evaluate", CHAIN)
print(run)

# %% The trained models
records = run.input("deep-colorization-records")
trained = run.input("deep-colorization-model")
names = json.loads((trained / "models.json").read_text())["runs"]
networks = {name: keras.saving.load_model(trained / f"{name}.keras") for name in names}

# %% Validation photos, and portraits from elsewhere
elsewhere = run.input("deep-colorization-elsewhere")
portraits = open_photos(elsewhere, scratch=Path(mkdtemp()))
sets = {
    "validation": group_by_skin_tone(load_validation(records, CONFIG.max_photos)),
    "elsewhere": load_photos(portraits[: CONFIG.max_photos], CONFIG.photo_size),
}

# %% Metrics of every model and baseline on every set; a report
statistics = ChromaStatistics.load(records / STATISTICS)
histories = {name: json.loads((trained / f"{name}-history.json").read_text()) for name in names}
results = evaluate(networks, sets, statistics, CONFIG, OUTPUT, histories, run.provenance())

# %% The best network on validation, from photo to photo, for TensorFlow Serving
print("best:", results["best"])
write_saved_model(networks[results["best"]], OUTPUT / "saved-model" / "1")
run.finish(OUTPUT, CONFIG)
