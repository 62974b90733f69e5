"""Several curves over one axis, told apart by colour and by the kind of their line."""

from collections.abc import Iterable, Mapping
from itertools import cycle
from typing import SupportsFloat

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from utils.pictures.figures import GREY, figure_of, new_figure, style

_LINES = ("-", "--", ":", "-.")


def curves(
    x: Iterable[SupportsFloat],
    values: Mapping[str, Iterable[SupportsFloat]],
    *,
    xlabel: str,
    ylabel: str,
    ylim: tuple[float | int, float | int] | None = None,
    yscale: str = "linear",
    dots: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """A curve through the points (x, value) for each name in `values`, which a legend above the
    picture explains.

    `dots`: mark the points, where they are few. Draws into `ax` if given, else into a new figure.
    Raises ValueError if a curve has not as many values as there are places in `x`.
    """
    places = [float(place) for place in x]
    if ax is None:
        _, ax = new_figure(height=3.0)
    with style():
        for (name, numbers), line in zip(values.items(), cycle(_LINES)):
            heights = [float(number) for number in numbers]
            if len(heights) != len(places):
                raise ValueError(
                    f"the curve {name!r} has {len(heights)} values for {len(places)} places on the "
                    "x axis: give one for each."
                )
            ax.plot(places, heights, line, label=name, marker="o" if dots else "", markersize=4)
        ax.set(xlabel=xlabel, ylabel=ylabel, yscale=yscale)
        if ylim is not None:
            ax.set_ylim(*ylim)
        _legend_above(ax, most_columns=min(3, len(values)))
    return figure_of(ax)


def _legend_above(ax: Axes, most_columns: int) -> None:
    """A legend in as many columns as the axes are wide enough for: a wider one would squeeze them."""
    room = 1.1 * ax.bbox.width  # the axes grow a little when the figure is laid out
    for columns in range(most_columns, 0, -1):
        legend = ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns)
        if legend.get_window_extent().width <= room:
            return


def stacked_curves(
    x: Iterable[SupportsFloat],
    panels: Mapping[str, Mapping[str, Iterable[SupportsFloat]]],
    *,
    xlabel: str,
    levels: Mapping[str, float] | None = None,
    ylim: tuple[float | int, float | int] | None = None,
) -> Figure:
    """Several sets of curves over the same axis, one above the other: a panel for each name, which
    stands beside its y axis.

    `levels`: for some panels a height at which a grey line is drawn, to compare with. `ylim`: of
    all panels. Raises ValueError as `curves` does.
    """
    places = list(x)
    figure, _ = new_figure(height=2.8 * len(panels), rows=len(panels))
    for ax, (name, values) in zip(list(figure.axes), panels.items(), strict=True):
        curves(places, values, xlabel=xlabel, ylabel=name, ylim=ylim, ax=ax)
        if levels and name in levels:
            ax.axhline(levels[name], color=GREY, linewidth=1)
    return figure
