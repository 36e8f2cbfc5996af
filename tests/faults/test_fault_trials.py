"""A small seeded run of the trials; `python -m tests.support.fault_trials` is the large one."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.fault_proxy import KINDS, name_of
from tests.support.fault_trials import CALLS, plan, run_trial


def test_every_call_meets_every_fault_before_any_pair_comes_twice():
    pairs = Counter((trial.call, trial.kind) for trial in plan(2 * len(CALLS) * len(KINDS), 0))
    assert set(pairs.values()) == {2} and len(pairs) == len(CALLS) * len(KINDS)
    assert plan(9, 3) == plan(9, 3) != plan(9, 4)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("http://localhost/api/v1/kernels.KernelsApiService/SaveKernel", "SaveKernel"),
        ("http://localhost/upload/abc", "POST upload"),
        ("/files/xyz/model.keras?x=1", "POST files"),
        ("/api/v1/kernels/logs/stream/alice/train", "logs stream"),
    ],
)
def test_requests_have_names(target, name):
    assert name_of("POST", target) == name


@pytest.mark.slow
def test_the_chain_survives():
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run_trial, plan(6, seed=20261123)))
    assert all(trial.hits for trial in outcomes)
    assert not [trial for trial in outcomes if trial.wrong]
