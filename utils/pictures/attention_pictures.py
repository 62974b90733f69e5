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

from utils.pictures.figures import BLUE, GREY, new_figure, style, visible
from utils.pictures.heat_maps import NOT_ALLOWED

_LINES = ("-", "--", ":", "-.")  # told apart without colours too


def attention_maps(
    patterns: Mapping[str, Float[Tensor, "query key"]], pieces: Sequence[str], columns: int = 3
) -> Figure:
    """The patterns of several heads on one text, under their names, `columns` beside each other.

    Keys after the query are hatched. Labels stand at the left and at the bottom of the whole.
    """
    rows = math.ceil(len(patterns) / columns)
    fig, axes = new_figure(height=0.9 + 1.9 * rows, rows=rows, columns=columns)
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
                ax.set_xticks(range(len(pieces)), labels, rotation=90, fontsize=8)
            if place % columns == 0:
                ax.set_yticks(range(len(pieces)), labels, fontsize=8)
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
