"""Pictures of attention beside the map of one head: many heads at once, curves by name, and how the
work grows.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, VERMILLION, new_figure, style, visible
from utils.pictures.heat_maps import NOT_ALLOWED

_LINES = ("-", "--", ":", "-.")  # told apart without colours too


def attention_maps(
    patterns: Mapping[str, Float[Tensor, "query key"]], pieces: Sequence[str], columns: int = 3
) -> Figure:
    """The patterns of several heads on one text, under their names, `columns` beside each other.

    Keys after the query are hatched. Labels stand at the left and at the bottom of the whole.
    """
    rows = math.ceil(len(patterns) / columns)
    fig, axes = new_figure(height=0.9 + 2.1 * rows, rows=rows, columns=columns)
    labels = [visible(piece) for piece in pieces]
    with style():
        for place, (ax, name) in enumerate(zip(np.ravel(axes), patterns, strict=False)):
            pattern = patterns[name].cpu().double()
            later = torch.ones(pattern.shape, dtype=torch.bool).triu(1)
            ax.patch.set(**NOT_ALLOWED)
            ax.imshow(pattern.masked_fill(later, torch.nan).numpy(), vmin=0, vmax=1, aspect="auto")
            ax.set_title(name, fontsize=10)
            ax.set_xticks([])
            ax.set_yticks([])
            if place + columns >= len(patterns):
                ax.set_xticks(range(len(pieces)), labels, rotation=90, fontsize=9)
            if place % columns == 0:
                ax.set_yticks(range(len(pieces)), labels, fontsize=9)
            for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
                label.set_parse_math(False)
            ax.tick_params(length=0)
        for ax in np.ravel(axes)[len(patterns) :]:
            ax.set_axis_off()
    return fig


def named_lines(
    curves: Mapping[str, Sequence[float] | Float[Tensor, " x"]],
    *,
    xlabel: str,
    ylabel: str,
) -> Figure:
    """A line for each name, told apart by colour and by stroke, against 0, 1, 2, ..."""
    fig, ax = new_figure(height=3.2)
    with style():
        for place, (name, values) in enumerate(curves.items()):
            heights = torch.as_tensor(values).tolist()
            ax.plot(heights, linestyle=_LINES[place % len(_LINES)], label=name)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.legend()
    return fig


def growth(sizes: Sequence[int], work: Sequence[int], *, xlabel: str, ylabel: str) -> Figure:
    """How work grows with size, on logarithmic axes, beside a line that is proportional to size."""
    fig, ax = new_figure(height=2.6)
    proportional = [work[0] * size / sizes[0] for size in sizes]
    with style():
        ax.loglog(sizes, work, "o-", color=BLUE, label="counted")
        ax.loglog(sizes, proportional, "--", color=GREY, label="proportional")
        ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
        ax.minorticks_off()
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.legend()
    return fig


def head_effects(
    effects: Mapping[str, Float[Tensor, "layer head"]], marked: tuple[int, int], *, xlabel: str
) -> Figure:
    """How many heads changed a probability by which factor, a histogram for each name; the bin of
    the head `marked` (layer, head) has an arrow.

    The axis of factors is logarithmic, the same for all, so that half and twice lie equally far
    from 1. Raises ValueError for a factor that is not above 0.
    """
    logs = {name: torch.as_tensor(factors).double().log2() for name, factors in effects.items()}
    every = torch.cat([log.flatten() for log in logs.values()])
    if not every.isfinite().all():
        raise ValueError("a factor of 0, below 0 or NaN has no place on a logarithmic axis")
    powers = range(math.floor(every.min()), math.ceil(every.max()) + 1)
    edges = np.arange(powers[0] - 0.125, powers[-1] + 0.25, 0.25)  # a bin lies around factor 1
    fig, axes = new_figure(height=0.6 + 1.6 * len(logs), rows=len(logs))
    with style():
        for ax, (name, log) in zip(np.atleast_1d(axes), logs.items(), strict=True):
            counts, _, _ = ax.hist(log.flatten().numpy(), bins=edges, color=BLUE)
            there, top = log[marked].item(), counts.max()
            ax.annotate(
                f"head {marked[0]}.{marked[1]}",
                (there, counts[np.searchsorted(edges, there) - 1]),
                (there, 1.2 * top),
                ha="center",
                color=VERMILLION,
                arrowprops={"arrowstyle": "->", "color": VERMILLION},
            )
            ax.set_xticks(
                powers, [f"{2**power}" if power >= 0 else f"1/{2**-power}" for power in powers]
            )
            ax.set(title=name, ylabel="heads", ylim=(0, 1.4 * top))
        fig.axes[-1].set_xlabel(xlabel)
    return fig


def lines_by_head_size(
    sizes: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[float]]]
) -> Figure:
    """Panels beside each other, one for each name in `panels`: what was measured with heads of
    these sizes, a line for each name of its own, told apart by colour and by stroke.

    The axis of sizes is logarithmic. The legend stands in the first panel only, so all panels are
    to have the same names.
    """
    fig, axes = new_figure(height=2.8, columns=len(panels))
    with style():
        for ax, (title, lines) in zip(np.atleast_1d(axes), panels.items(), strict=True):
            for place, (name, values) in enumerate(lines.items()):
                ax.plot(sizes, values, "o", linestyle=_LINES[place % len(_LINES)], label=name)
            ax.set_xscale("log")
            ax.set_xticks(sizes, [str(size) for size in sizes])
            ax.minorticks_off()
            ax.set_ylim(bottom=0)
            ax.set(title=title, xlabel="numbers in a query")
        fig.axes[0].legend()
    return fig
