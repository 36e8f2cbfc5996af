"""
Title: Deep Colorization: evaluate the models
Description: Measures models and trivial baselines on validation and on portraits from elsewhere.
Accelerator: none
Inputs: deep-colorization-code, -records, -model, -elsewhere
Outputs: results.json, figures/*.png, report.html -> dataset deep-colorization-results
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

from colorization import evaluation, figures
from colorization.config import Evaluation
from colorization.manifest import Run, save_json
from colorization.preparation import STATISTICS
from colorization.report import html_report, metrics_table
from colorization.sources import open_photos
from colorization.statistics import ChromaStatistics

CONFIG = Evaluation()
OUTPUT = Path.cwd()
run = Run("evaluate", CHAIN)
print(run)

# %% The trained models, beside baselines that learn nothing
records = run.input("deep-colorization-records")
trained = run.input("deep-colorization-model")
runs = json.loads((trained / "models.json").read_text())["runs"]
models = {name: keras.saving.load_model(trained / f"{name}.keras") for name in runs}
statistics = ChromaStatistics.load(records / STATISTICS)
colourisers = evaluation.predictors(models, statistics)

# %% Validation photos, and portraits from elsewhere
elsewhere = run.input("deep-colorization-elsewhere")
portraits = open_photos(elsewhere, scratch=Path(mkdtemp()))
sets = {
    "validation": evaluation.validation_set(records, CONFIG.max_photos),
    "elsewhere": evaluation.photo_set(portraits[: CONFIG.max_photos], CONFIG.photo_size),
}

# %% Metrics of every model on every set
results = {"sets": {}, "scores": {}}
per_image = {}
for name, photos in sets.items():
    results["sets"][name] = {"photos": len(photos.names), "what": photos.what}
    results["scores"][name], per_image[name] = evaluation.evaluate(
        colourisers, photos, statistics, CONFIG.seed
    )
    print(f"\n{name}: {len(photos.names)} {photos.what}\n{metrics_table(results, name)}\n")
save_json(OUTPUT / "results.json", results)
save_json(OUTPUT / "per-image.json", per_image)

# %% Five photos of each set: original, black and white, colourised
drawn = {}
for name, photos in sets.items():
    errors = {model: scores["ab_mse"] for model, scores in results["scores"][name].items()}
    drawn[f"ab-mse-{name}"] = figures.comparison(errors, f"ab MSE, {name}")
    chosen = evaluation.sample(photos, CONFIG.figure_photos, CONFIG.seed)
    for trained_as, model in models.items():
        columns = evaluation.columns(photos, chosen, model)
        title = f"{trained_as}, {name}"
        drawn[f"{trained_as}-{name}"] = figures.triptychs(*columns, title)
pictures = figures.save_all(drawn, OUTPUT / "figures")

# %% A report to open
(OUTPUT / "report.html").write_text(html_report(results, pictures), encoding="utf-8")
run.finish(OUTPUT, CONFIG)
