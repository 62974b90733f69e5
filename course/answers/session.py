"""The state that a session carries from cell to cell, as a fresh one has it, and then as it was.

An exercise draws its inputs, runs its own answers and runs the learner's answer in this state. So a
changed default dtype or a warning that raises is seen by all sides or by none, what an answer
changes ends with it, and a notebook gets the verdict that the grader gives.
"""

import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch

from course.answers.torchs_own import put_back, replace_again

RECURSION = 3000  # calls deep, as IPython has it


@contextmanager
def fresh_session() -> Iterator[None]:
    """Random numbers start the same, and every switch of torch, numpy and Python that an answer may
    notice stands as at the start. Afterwards all is as it was, whatever was done meanwhile.
    """
    with ExitStack() as kept:
        kept.enter_context(warnings.catch_warnings())
        kept.enter_context(np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        _keep_random_numbers(kept)
        _keep_torch(kept)
        kept.callback(replace_again, put_back())
        kept.callback(sys.setrecursionlimit, sys.getrecursionlimit())
        warnings.simplefilter("ignore")
        sys.setrecursionlimit(max(RECURSION, sys.getrecursionlimit()))
        yield


def _keep_random_numbers(kept: ExitStack) -> None:
    kept.callback(random.setstate, random.getstate())
    kept.callback(np.random.set_state, np.random.get_state())
    kept.callback(torch.set_rng_state, torch.get_rng_state())
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


def _keep_torch(kept: ExitStack) -> None:
    deterministic = torch.are_deterministic_algorithms_enabled()
    only_warns = torch.is_deterministic_algorithms_warn_only_enabled()
    kept.callback(_set_deterministic, deterministic, only_warns)
    kept.callback(torch.set_default_dtype, torch.get_default_dtype())
    kept.callback(torch.set_grad_enabled, torch.is_grad_enabled())
    kept.callback(torch.set_num_threads, torch.get_num_threads())
    kept.callback(_set_default_device, torch.get_default_device())
    _set_deterministic(False, False)
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    _set_default_device(torch.device("cpu"))


def _set_deterministic(mode: bool, only_warns: bool) -> None:
    """Without a change where it is the same: torch loads its compiler for this, in seconds."""
    now = torch.are_deterministic_algorithms_enabled()
    if (now, now and torch.is_deterministic_algorithms_warn_only_enabled()) != (mode, only_warns):
        torch.use_deterministic_algorithms(mode, warn_only=only_warns)


def _set_default_device(device: torch.device) -> None:
    """Without a change where it is the same: a device that was set costs time in every call."""
    if torch.get_default_device() != device:
        torch.set_default_device(None if device.type == "cpu" else device)
