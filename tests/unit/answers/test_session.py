"""What a session carries from cell to cell neither reaches a trial nor leaves it changed."""

import random
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from course.answers.session import fresh_session
from course.exercises import exercises
from course.judging import judge as judging
from course.judging.judge import State, judge

ROOT = Path(__file__).resolve().parents[3]


def state():
    return {
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "gradients": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "recursion": sys.getrecursionlimit(),
        "warnings": list(warnings.filters),
        "numpy": np.geterr(),
        "drawn": (
            torch.get_rng_state().tolist(),
            random.getstate(),
            np.random.get_state()[1].tolist(),
        ),
    }


def meddle():
    """Every switch, in another position than at the start."""
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    torch.set_num_threads(torch.get_num_threads() + 1)
    torch.use_deterministic_algorithms(True)
    sys.setrecursionlimit(sys.getrecursionlimit() + 123)
    warnings.simplefilter("error")
    np.seterr(all="raise")
    torch.manual_seed(5)
    random.seed(5)
    np.random.seed(5)


@pytest.fixture
def meddled():
    with fresh_session():
        meddle()
        yield
    torch.set_default_device(None)


def test_nothing_that_is_done_inside_stays():
    before = state()
    with fresh_session():
        meddle()
        assert all(now != before[name] for name, now in state().items())
    assert state() == before


def test_nothing_that_was_done_before_is_seen_inside_and_all_of_it_comes_back(meddled):
    outside = state()
    with fresh_session():
        assert torch.zeros(2).dtype == torch.float32 and torch.zeros(2).device.type == "cpu"
        assert torch.ones(1, requires_grad=True).exp().requires_grad
        assert not torch.are_deterministic_algorithms_enabled()
        warnings.warn("not an error", stacklevel=1)
        assert np.array([0.0]) / np.array([1.0]) == 0 and np.float64(1e-308) / 1e300 == 0
    assert state() == outside


def test_nothing_heavy_is_loaded():
    """In a process of its own: torch's compiler takes seconds, and leaves a folder behind."""
    code = (
        "import sys\nfrom course.answers.session import fresh_session\nwith fresh_session():\n    pass\n"
        "print([name for name in sys.modules if name.startswith(('torch._inductor', 'torch._dynamo'))])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert ended.stdout == "[]\n", ended.stderr


@pytest.mark.parametrize("id", [id for id in exercises() if exercises()[id].parameters][::3])
def test_a_changed_session_changes_no_verdict(id, meddled):
    """The reference's results are made anew in it too, as where `check` runs for the first time."""
    exercise = exercises()[id]
    judging._outcomes.cache_clear()
    assert judge(exercise, exercise.reference).state == State.RIGHT
    wrong = exercise.wrongs[0]
    assert judge(exercise, wrong.answer).mistake == wrong.hint


def test_an_answer_that_changes_the_session_is_judged_by_its_results():
    exercise = exercises()["01.1"]

    def softmax(z, temperature):
        torch.set_default_dtype(torch.float64)
        warnings.simplefilter("error")
        return (z / temperature).softmax(-1)

    assert judge(exercise, softmax).state == State.RIGHT
    assert torch.get_default_dtype() == torch.float32


def always_equal(self, other):
    return torch.ones(self.shape, dtype=torch.bool)


def replace_methods(put=setattr):
    """What was seen to flip verdicts: comparisons that always agree, and another softmax."""
    put(torch.Tensor, "__eq__", always_equal)
    put(torch.Tensor, "abs", lambda self: torch.zeros_like(self))
    put(torch.Tensor, "softmax", lambda self, dim: self * 0)
    put(torch, "softmax", lambda z, dim: z * 0)
    put(torch.nn.functional, "softmax", lambda z, dim: z * 0)


@pytest.mark.parametrize("id", ["01.1", "03.3", "10.2", "22.1"])
def test_replaced_methods_of_tensors_change_no_verdict(id, monkeypatch):
    exercise = exercises()[id]
    judging._outcomes.cache_clear()
    replace_methods(partial(monkeypatch.setattr, raising=False))
    replaced = torch.Tensor.softmax, torch.Tensor.abs, torch.softmax
    assert judge(exercise, exercise.reference).state == State.RIGHT
    wrong = exercise.wrongs[0]
    assert judge(exercise, wrong.answer).mistake == wrong.hint
    # the cell's own ones are in their places again
    assert replaced == (torch.Tensor.softmax, torch.Tensor.abs, torch.softmax)


def test_an_answer_that_replaces_them_is_judged_with_torchs_own():
    exercise = exercises()["01.1"]

    def softmax(z, temperature):
        replace_methods()
        return torch.full_like(z, 0.5)

    assert judge(exercise, softmax).state == State.NOT_YET
    z = torch.tensor([1.0, 2.0])
    assert torch.equal(z.softmax(0), torch.softmax(z, 0)) and (z == z + 1).tolist() == [False] * 2
    assert "softmax" not in vars(torch.Tensor) and "abs" not in vars(torch.Tensor)


def test_a_method_that_a_cell_adds_to_tensors_can_be_used(monkeypatch):
    exercise = exercises()["01.1"]
    monkeypatch.setattr(torch.Tensor, "at", lambda self, t: self / t, raising=False)
    assert (
        judge(exercise, lambda z, temperature: z.at(temperature).softmax(-1)).state == State.RIGHT
    )
