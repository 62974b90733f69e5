"""Tests marked `sandbox` need bubblewrap.

Where it does not start they are skipped; in CI (CI=1) they fail.
"""

import os
from functools import cache

import pytest

from course.doctor.diagnosis import OK
from course.doctor.examine import see_sandbox


def pytest_configure(config):
    config.addinivalue_line("markers", "sandbox: runs student code in bubblewrap")


@cache
def lacking() -> str:
    """What the doctor says about bubblewrap, if it does not work here."""
    found = see_sandbox()
    return "" if found.state == OK else f"{found.found}: {found.next}"


def pytest_runtest_setup(item):
    if item.get_closest_marker("sandbox") and (words := lacking()):
        pytest.fail(words, pytrace=False) if os.environ.get("CI") else pytest.skip(words)
