"""A table of numbers as a picture: attention patterns (query x key), and measurements by layer and
token.
"""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import torch
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from torch import Tensor

from utils.pictures.figures import GREY, INK, PAPER, WIDTH, figure_of, new_figure, style, visible

MOST_COLUMNS = 32  # labels beside each other can still be read
_MOST_WITH_NUMBERS = 12  # as many cells in a row are wide enough to have their number written in


class Look(TypedDict):
    """How a patch is drawn."""

    facecolor: str
    edgecolor: str
    hatch: str
    linewidth: int


NOT_ALLOWED = Look(facecolor="#e4e4e4", edgecolor="#a8a8a8", hatch="////", linewidth=0)


def attention_map(
    pattern: Float[Tensor, "query key"],
    pieces: Sequence[str],
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """One head's attention: each row is a token that looks, each column a token that it looks at.

    The keys after a query, which it may not look at, are hatched. `pieces` are the texts of the
    tokens, at most 32.
    """
    later = torch.ones(pattern.shape, dtype=torch.bool).triu(1)
    return heat_map(
        pattern,
        pieces,
        pieces,
        barred=later,
        barred_means="not allowed: a later token",
        xlabel="is looked at (key)",
        ylabel="looks (query)",
        value="attention",
        title=title,
        ax=ax,
    )


def heat_map(
    values: Float[Tensor, "row column"],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    value: str = "probability",
    limits: tuple[float | int, float | int] = (0, 1),
    barred: Bool[Tensor, "row column"] | None = None,
    barred_means: str = "not allowed",
    ax: Axes | None = None,
) -> Figure:
    """A cell for each value, brighter where it is larger; with its number in it where there are at
    most 12 columns.

    `value` says what the numbers are, beside the colour bar, which goes over `limits`. Cells that
    are `barred` are hatched instead, which a legend explains as `barred_means`. The first row is on
    top. Draws into `ax` if given, else into a new figure. Raises ValueError for more than 32
    columns, or labels that are not as many as rows and columns.
    """
    _check_labels(values, rows, columns)
    if ax is None:
        _, ax = new_figure(height=_height(len(rows), len(columns)))
    shown = values.detach().cpu().double()
    barred = torch.zeros(shown.shape, dtype=torch.bool) if barred is None else barred.cpu()
    with style():
        # The hatching is the paper under the picture: barred cells are NaN, which is drawn as
        # nothing.
        ax.patch.set(**NOT_ALLOWED)
        image = ax.imshow(
            shown.masked_fill(barred, torch.nan).numpy(),
            vmin=limits[0],
            vmax=limits[1],
            aspect="auto",
        )
        _label(ax, rows, columns)
        if len(columns) <= _MOST_WITH_NUMBERS:
            write_numbers(ax, image, shown, barred)
        if barred.any():
            ax.legend(
                handles=[Patch(**NOT_ALLOWED, label=barred_means)],
                loc="lower left",
                bbox_to_anchor=(0, 1),
                borderaxespad=0.2,
                fontsize=9,
            )
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.set_title(title, parse_math=False, pad=22 if barred.any() else 6)
        figure = figure_of(ax)
        figure.colorbar(image, ax=ax, label=value, fraction=0.04, pad=0.02)
    return figure


def _check_labels(values: Tensor, rows: Sequence[str], columns: Sequence[str]) -> None:
    if tuple(values.shape) != (len(rows), len(columns)):
        raise ValueError(
            f"the values are {values.shape[0]} rows of {values.shape[1]}, but there are "
            f"{len(rows)} labels for rows "
            f"and {len(columns)} for columns: give one for each."
        )
    if len(columns) > MOST_COLUMNS:
        raise ValueError(
            f"{len(columns)} columns were given, and their labels can be read up to "
            f"{MOST_COLUMNS}: "
            f"take a shorter text, or a part of the table."
        )


def _height(n_rows: int, n_columns: int) -> float:
    """In inches: cells as high as wide while there are few rows, and never lower than a line of
    text.
    """
    cell = min(0.45, 0.6 * WIDTH / n_columns, 6 / n_rows)
    return 1.8 + max(0.2, cell) * n_rows


def _label(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    # parse_math=False: a token may hold dollar signs, which are no formula.
    ax.set_xticks(
        range(len(columns)),
        [visible(piece) for piece in columns],
        rotation=90,
        fontsize=_size_of_names(len(columns)),
    )
    ax.set_yticks(
        range(len(rows)), [visible(piece) for piece in rows], fontsize=_size_of_names(len(rows))
    )
    for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        label.set_parse_math(False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY)


def _size_of_names(count: int) -> int:
    """In points: as large as so many names beside each other leave room for."""
    if count <= 20:
        return 10
    return 9 if count <= 28 else 8


def write_numbers(
    ax: Axes,
    image: AxesImage,
    values: Float[Tensor, "row column"],
    barred: Bool[Tensor, "row column"],
) -> None:
    """Write each value that is not `barred` into its cell of `image`, in black or white, whichever
    stands out: with two digits, or with none where all of them are whole.
    """
    written = values[~barred]
    digits = 0 if torch.equal(written, written.round()) else 2
    for row, column in (~barred).nonzero().tolist():
        red, green, blue, _ = image.cmap(image.norm(np.array(float(values[row, column]))))
        # there black and white stand out alike
        bright = 0.299 * red + 0.587 * green + 0.114 * blue > 0.46
        number = f"{values[row, column]:.{digits}f}".replace("-", "−")
        color = INK if bright else PAPER
        ax.text(column, row, number, ha="center", va="center", fontsize=9, color=color)
