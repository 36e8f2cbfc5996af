"""
Title: Deep Colorization: prepare the photos
Description: Reads the photos, resizes them to 128x128, converts them to CIELab, stores TFRecords.
Accelerator: none
Inputs: deep-colorization-code; deep-colorization-photos (yours) or celeba-dataset
Outputs: *.tfrecord, info.json, statistics.npz, example.png -> dataset deep-colorization-records
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

from tempfile import mkdtemp

from colorization.color.lab import decode_lab, reconstituer_image, split_lab
from colorization.config import Preparation
from colorization.data.convert import rgb_to_codes
from colorization.data.image_io import decode_square, read_bytes
from colorization.data.prepare import list_problems, write_records
from colorization.data.sources import open_sources
from colorization.data.splits import read_partitions, split_photos
from colorization.evaluation import figures
from colorization.kaggle.publish import publish
from colorization.kaggle.run import Run

# Shards of 400 MB: an upload from a kernel holds at most 50 files, and CelebA becomes 23 of them.
CONFIG = Preparation(image_size=128, validation_fraction=0.1, shard_examples=8192)
OUTPUT = Path.cwd()
run = Run("prepare", CHAIN)
print(run)

# %% Unzip the archive of photos (Kaggle may have done so already)
sources = [run.input(slug) for slug in CHAIN.get("photos", ["celeba-dataset"])]
scratch = Path(mkdtemp())
photos, problems = open_sources(sources, scratch)
print(f"{len(photos)} photos in {', '.join(map(str, sources))}")

# %% Two datasets, training and validation, or CelebA's official partition
# In place of `image_dataset_from_directory`: any format, and a photo keeps its split.
partitions = read_partitions(sources, scratch)
splits = split_photos(photos, CONFIG.validation_fraction, partitions)
print({split: len(members) for split, members in splits.items()})

# %% Show one image of the training set, as it is stored: a pair (x, y) of Lab codes
first = splits["train"][0]
codes = rgb_to_codes(decode_square(read_bytes(first.path), CONFIG.image_size, CONFIG.crop))
print("Lab codes", codes.shape, codes.dtype)
stored = reconstituer_image(*split_lab(decode_lab(codes.astype("float32"))))
figures.plot_photo(stored, first.name).savefig(OUTPUT / "example.png", dpi=120)

# %% 128x128, CIELab, 8 bits: TFRecord shards
# Faster, in place of `Resizing` and `rgb2lab`: tests/kernels/test_prepare.py holds both equal.
info = write_records(splits, OUTPUT, CONFIG, problems)
for split, shards in info.splits.items():
    size = sum(shard.size for shard in shards)
    print(f"{split}: {info.count(split)} photos, {len(shards)} shards, {size / 1e6:.1f} MB")
for line in list_problems(OUTPUT):
    print(line)
run.finish(OUTPUT, CONFIG)

# %% Publish the records from here: they are gigabytes
published = publish(run, OUTPUT)
print("published" if published else "not published from here: `deepcolor run` takes over")
