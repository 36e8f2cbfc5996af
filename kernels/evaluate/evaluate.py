"""
Title: Deep Colorization: evaluate the models
Description: Measures every model and the trivial baselines, on validation and on portraits from elsewhere.
Accelerator: none
Inputs: deep-colorization-code, -records, -model, -elsewhere
Outputs: results.json, figures/*.png, report.html -> dataset deep-colorization-results
"""

import os
import sys
from pathlib import Path

REVISION = ""
INPUT = Path(os.environ.get("KAGGLE_CACHE_MOUNT_FOLDER", "/kaggle/input"))
MOUNTS = [*INPUT.glob("datasets/*/deep-colorization-code"), INPUT / "deep-colorization-code"]
sys.path[:0] = [str(MOUNTS[0] / "src"), str(MOUNTS[0] / "src.zip")]
