"""For all tests: no test of speed in disguise.

How long an example takes is the machine's affair (see benchmarks/).
"""

import os
from types import SimpleNamespace

import pytest
import torch
from hypothesis import settings

from course.lesson import strictness

os.environ[strictness.VARIABLE] = "1"

settings.register_profile("glass-box", deadline=None)
settings.load_profile("glass-box")


def pytest_runtest_setup(item):
    """A test marked `gpu` runs where CUDA is."""
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("this machine has no CUDA device")


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would get, one mime bundle for each display."""
    bundles = []
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", object)
    monkeypatch.setattr(
        "utils.pictures.html_panels.display",
        lambda bundle, raw, display_id=None: bundles.append(bundle),
    )
    return bundles


@pytest.fixture
def kernel(monkeypatch, shown):
    """The same in a notebook with a kernel, which can show widgets."""
    monkeypatch.setattr(
        "utils.pictures.html_panels.get_ipython", lambda: SimpleNamespace(kernel=object())
    )
    return shown
