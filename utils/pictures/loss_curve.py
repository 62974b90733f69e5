"""The losses of a training run as a figure, and the same figure drawn again and again while the run
goes on.
"""

import time
from typing import Protocol, runtime_checkable

import numpy as np
from IPython import get_ipython
from IPython.display import DisplayHandle
from jaxtyping import Float64
from matplotlib.figure import Figure

from utils.pictures.figures import BLUE, SKY, VERMILLION, img, new_figure, style

_WINDOWS = 40  # the running mean goes over a 40th of the steps


@runtime_checkable
class Curves(Protocol):
    """What is drawn: a utils.training.history.History, or anything with these columns."""

    losses: list[float]
    evaluated_at: list[float]
    evaluations: list[float]


def running_mean(values: list[float], width: int) -> Float64[np.ndarray, " step"]:
    """The mean of each value and the `width` - 1 before it, or of as many as there are."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(sums))
    begins = np.maximum(0, ends - width)
    means: np.ndarray = (sums[ends] - sums[begins]) / (ends - begins)
    return means


def loss_figure(curves: Curves) -> tuple[Figure, str]:
    """The loss of each step (pale), its running mean, and what `evaluate` gave; and the same in
    words.
    """
    losses = curves.losses
    width = max(1, len(losses) // _WINDOWS)
    fig, ax = new_figure(height=2.8)
    with style():
        smooth = running_mean(losses, width)
        ax.plot(losses, color=SKY, linewidth=0.8)
        ax.plot(
            smooth,
            color=BLUE,
            label="training" if width == 1 else f"training, mean of {width} steps",
        )
        if curves.evaluations:
            at = curves.evaluated_at
            ax.plot(
                at,
                curves.evaluations,
                "o:",
                color=VERMILLION,
                label="evaluation",
                markersize=5,
                linewidth=1,
            )
        ax.set_xlabel("step")
        ax.set_ylabel("loss")
        if losses or curves.evaluations:
            ax.legend()
    return fig, _in_words(curves, smooth)


def _in_words(curves: Curves, smooth: np.ndarray) -> str:
    words = f"Loss against step, {len(smooth)} steps"
    if len(smooth):
        words += f": from {smooth[0]:.3f} at the first to {smooth[-1]:.3f} at the last"
    if curves.evaluations:
        words += f"; evaluated, from {curves.evaluations[0]:.3f} to {curves.evaluations[-1]:.3f}"
    return f"{words}."


class LiveFigure:
    """One figure in a notebook's output, drawn anew while training goes on. Outside notebooks it
    does nothing.

    The output itself is replaced, so a page that is stored without its kernel still shows the last
    state. Drawing takes a tenth of a second, so it is done rarely enough to cost at most a
    twentieth of the time.
    """

    def __init__(self, wanted: bool):
        has_page = getattr(get_ipython(), "kernel", None) is not None
        self._handle = DisplayHandle() if wanted and has_page else None
        self._shown, self._next = False, 0.0

    def update(self, curves: Curves, last: bool = False) -> None:
        """Draw the curves, if it is time to, or if these are the `last`."""
        began = time.monotonic()
        if self._handle is None or not curves.losses or (began < self._next and not last):
            return
        figure, alt = loss_figure(curves)
        bundle = {"text/html": img(figure, alt), "text/plain": alt}
        (self._handle.update if self._shown else self._handle.display)(bundle, raw=True)
        self._shown = True
        self._next = began + max(1.0, 20 * (time.monotonic() - began))
