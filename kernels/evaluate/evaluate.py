"""
Title: Deep Colorization: evaluate the models
Description: Measures models and trivial baselines on validation and on portraits from elsewhere,
    chooses the best network, and exports it for TensorFlow Serving.
Accelerator: none
Inputs: deep-colorization-code, -records, -model, -elsewhere
Outputs: results.json, figures/*.png, report.html, saved-model/
    -> dataset deep-colorization-results
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # else its start-up fills the log
CHAIN = {}  # written by `deepcolor stage`: what this run is, and what it must find
INPUT = Path(os.environ.get("KAGGLE_CACHE_MOUNT_FOLDER", "/kaggle/input"))
MOUNTS = [*INPUT.glob("datasets/*/deep-colorization-code"), INPUT / "deep-colorization-code"]
sys.path[:0] = [str(MOUNTS[0] / "src"), str(MOUNTS[0] / "src.zip")]

import json
from tempfile import mkdtemp

import keras

from colorization.config import Evaluation
from colorization.data.chroma_statistics import ChromaStatistics
from colorization.data.prepare import STATISTICS
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

# %% Metrics of every model and baseline on every set; figures; a report
statistics = ChromaStatistics.load(records / STATISTICS)
results = evaluate(networks, sets, statistics, CONFIG, OUTPUT)

# %% The best network on validation, from photo to photo, for TensorFlow Serving
print("best:", results["best"])
write_saved_model(networks[results["best"]], OUTPUT / "saved-model" / "1")
run.finish(OUTPUT, CONFIG)
