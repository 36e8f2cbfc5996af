"""
Title: Deep Colorization: prepare the photos
Description: Reads the photos, resizes them to 128x128, converts them to CIELab, stores TFRecords.
Accelerator: none
Inputs: deep-colorization-code; deep-colorization-photos (yours) or celeba-dataset
Outputs: *.tfrecord, info.json, statistics.npz, example.png -> dataset deep-colorization-records
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # else its start-up fills the log
CHAIN = {}  # written by `deepcolor stage`: what this run is, and what it must find
INPUT = Path(os.environ.get("KAGGLE_CACHE_MOUNT_FOLDER", "/kaggle/input"))
MOUNTS = [*INPUT.glob("datasets/*/deep-colorization-code"), INPUT / "deep-colorization-code"]
sys.path[:0] = [str(MOUNTS[0] / "src"), str(MOUNTS[0] / "src.zip")]

from tempfile import mkdtemp

from colorization import figures
from colorization.config import Preparation
from colorization.manifest import Run
from colorization.photos import open_photos, split_photos
from colorization.preparation import lab_dataset, rgb_dataset, write_records
from colorization.publishing import publish

CONFIG = Preparation(image_size=128, validation_fraction=0.1)
OUTPUT = Path.cwd()
run = Run("prepare", CHAIN)
print(run)

# %% Unzip the archive of photos (Kaggle may have done so already)
source = run.input("deep-colorization-photos", "celeba-dataset")
photos = open_photos(source, scratch=Path(mkdtemp()))
print(f"{len(photos)} photos in {source}")

# %% Two datasets: training and validation
splits = split_photos(photos, CONFIG.validation_fraction)
print({split: len(members) for split, members in splits.items()})

# %% Show one image of the training set, as read and as the network will know it
rgb, problem = next(iter(rgb_dataset(splits["train"])))
codes, problem = next(iter(lab_dataset(splits["train"], CONFIG.image_size)))
print(
    "RGB", rgb.shape, rgb.dtype, "-> Lab codes", codes.shape, codes.dtype, problem.numpy() or "ok"
)
figures.photo(rgb.numpy(), splits["train"][0].name).savefig(OUTPUT / "example.png", dpi=120)

# %% 128x128, CIELab, 8 bits: TFRecord shards (the pairs (x, y) are split off when they are read)
info = write_records(splits, OUTPUT, CONFIG)
for split, shards in info.splits.items():
    size = sum(shard.size for shard in shards)
    print(f"{split}: {info.count(split)} photos, {len(shards)} shards, {size / 1e6:.1f} MB")
for path, reason in info.skipped.items():
    print(f"skipped {path}: {reason}")
run.finish(OUTPUT, CONFIG)

# %% Publish the records from here: gigabytes should not travel through anyone's machine
print("published" if publish(run, OUTPUT) else "left to be published by whoever pushed this kernel")
