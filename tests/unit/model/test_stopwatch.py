"""The stopwatch takes the quickest of as many runs as it is told."""

import pytest

from utils.model import stopwatch


def test_the_quickest_of_all_runs_is_given(monkeypatch):
    now, lengths = [100.0], iter([5.0, 2.5, 4.0, 1.0])
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: now[0])

    def run():
        now[0] += next(lengths)

    assert stopwatch.fastest(run, 3) == pytest.approx(2.5)
    assert list(lengths) == [1.0]  # three runs and no fourth
