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

from colorization.config import Preparation
from colorization.data.convert import rgb_to_codes
from colorization.data.image_io import decode_square, read_bytes, read_photo
from colorization.data.prepare import list_problems, write_records
from colorization.data.sources import open_sources
from colorization.data.splits import read_partitions, split_photos
from colorization.evaluation import figures
from colorization.kaggle.publish import publish
from colorization.kaggle.run import Run

CONFIG = Preparation(image_size=128, validation_fraction=0.1)
OUTPUT = Path.cwd()
run = Run("prepare", CHAIN)
print(run)

# %% Unzip the archive of photos (Kaggle may have done so already)
sources = [run.input(slug) for slug in CHAIN.get("photos", ["celeba-dataset"])]
scratch = Path(mkdtemp())
photos, problems = open_sources(sources, scratch)
print(f"{len(photos)} photos in {', '.join(map(str, sources))}")

# %% Two datasets: training and validation; CelebA brings its own division
partitions = read_partitions(sources, scratch)
splits = split_photos(photos, CONFIG.validation_fraction, partitions)
print({split: len(members) for split, members in splits.items()})

# %% Show one image of the training set, as read and as the network will know it
first = splits["train"][0]
rgb = read_photo(first.path)
codes = rgb_to_codes(decode_square(read_bytes(first.path), CONFIG.image_size, CONFIG.crop))
print("RGB", rgb.shape, rgb.dtype, "-> Lab codes", codes.shape, codes.dtype)
figures.plot_photo(rgb, first.name).savefig(OUTPUT / "example.png", dpi=120)

# %% 128x128, CIELab, 8 bits: TFRecord shards (the pairs (x, y) are split off when they are read)
info = write_records(splits, OUTPUT, CONFIG, problems)
for split, shards in info.splits.items():
    size = sum(shard.size for shard in shards)
    print(f"{split}: {info.count(split)} photos, {len(shards)} shards, {size / 1e6:.1f} MB")
for line in list_problems(OUTPUT):
    print(line)
run.finish(OUTPUT, CONFIG)

# %% Publish the records from here: gigabytes should not travel through anyone's machine
print("published" if publish(run, OUTPUT) else "left to be published by whoever pushed this kernel")
