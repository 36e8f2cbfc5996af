import functools
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

STEP = Path(__file__).parents[2] / "support" / "backend_step.py"


@functools.cache
def step(backend):
    environment = {**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, STEP], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_training_step_is_the_same_on_another_backend(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    expected, found = step("tensorflow"), step(backend)
    assert found["backend"] == backend
    np.testing.assert_allclose(found["losses"], expected["losses"], rtol=1e-3)
    np.testing.assert_allclose(found["ab"], expected["ab"], rtol=1e-2, atol=0.02)
    np.testing.assert_allclose(found["colors"], expected["colors"], rtol=1e-2, atol=0.02)
