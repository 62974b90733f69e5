"""The picture of the losses, and the one that is drawn again while training goes on."""

import numpy as np
import pytest

from utils.pictures import loss_curve as module
from utils.pictures.loss_curve import LiveFigure, loss_figure, running_mean
from utils.training.history import History

HISTORY = History(losses=[4.0, 2.0, 3.0, 1.0], evaluated_at=[0.0, 4.0], evaluations=[4.5, 1.5])


@pytest.mark.parametrize("width", [1, 3, 50])
def test_running_mean_by_its_definition(width):
    values = np.random.default_rng(1).normal(size=20).tolist()
    expected = [np.mean(values[max(0, i - width + 1) : i + 1]) for i in range(20)]
    assert running_mean(values, width) == pytest.approx(expected, rel=1e-9)


def test_curves_and_words_say_what_the_history_holds():
    figure, alt = loss_figure(HISTORY)
    steps, mean, evaluated = (line.get_xydata().tolist() for line in figure.axes[0].lines)
    assert steps == mean == [[0, 4], [1, 2], [2, 3], [3, 1]]
    assert evaluated == [[0, 4.5], [4, 1.5]]
    assert "4 steps" in alt
    assert "from 4.000 at the first to 1.000 at the last" in alt
    assert "evaluated, from 4.500 to 1.500" in alt


def test_many_steps_are_smoothed():
    losses = np.random.default_rng(2).normal(5, 1, size=400).tolist()
    lines = loss_figure(History(losses=losses))[0].axes[0].lines
    assert lines[1].get_ydata()[-1] == pytest.approx(np.mean(losses[-10:]))
    assert "mean of 10 steps" in lines[1].get_label()


def test_a_run_without_steps_can_be_shown_too(capsys):
    History().show()
    assert "0 steps" in capsys.readouterr().out


class Page:
    """A notebook's output: what was put there, and what replaced it."""

    def __init__(self):
        self.displayed, self.updated = [], []

    def display(self, bundle, raw):
        self.displayed.append(bundle)

    def update(self, bundle, raw):
        self.updated.append(bundle)


def notebook(monkeypatch):
    page = Page()
    monkeypatch.setattr(module, "get_ipython", lambda: type("Shell", (), {"kernel": object()})())
    monkeypatch.setattr(module, "DisplayHandle", lambda: page)
    return page


def test_one_figure_is_replaced_and_not_too_often(monkeypatch):
    page, now = notebook(monkeypatch), [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    live = LiveFigure(True)
    for _ in range(50):
        now[0] += 0.125
        live.update(HISTORY)
    assert len(page.displayed) == 1
    assert 4 <= len(page.updated) <= 6  # once a second
    live.update(HISTORY, last=True)
    assert page.updated[-1]["text/plain"] == loss_figure(HISTORY)[1]
    assert "<img alt=" in page.updated[-1]["text/html"]


def test_nothing_is_drawn_in_a_script_or_where_it_is_not_wanted(monkeypatch, capsys):
    monkeypatch.setattr(module, "get_ipython", lambda: None)
    LiveFigure(True).update(HISTORY, last=True)
    assert capsys.readouterr().out == ""
    page = notebook(monkeypatch)
    LiveFigure(False).update(HISTORY, last=True)
    assert not page.displayed
