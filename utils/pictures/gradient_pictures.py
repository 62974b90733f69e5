"""Figures of gradients and of what steps along them do: each function takes the numbers and gives
the figure and the same in words, for `show(*nudge_error_figure(...))`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import SupportsFloat

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from utils.pictures.figures import BLUE, GREY, VERMILLION, new_figure, style

_HEIGHT = 2.8  # inches

Numbers = Iterable[SupportsFloat]  # a list, a range, a tensor with one axis


def nudge_error_figure(
    nudges: Numbers, one_side: Numbers, both_sides: Numbers
) -> tuple[Figure, str]:
    """How wrong a finite difference is, against the size of the nudge, on logarithmic axes.

    one_side, both_sides: the error of the slope for each of the `nudges`.
    """
    figure, ax = _plot(
        {"nudged to one side": (nudges, one_side), "nudged to both sides": (nudges, both_sides)},
        looks=("s--", "o-"),
    )
    ax.set(xlabel="nudge", ylabel="error of the slope", xscale="log", yscale="log")
    best_of_one = _place_of_least(nudges, one_side)
    best_of_both = _place_of_least(nudges, both_sides)
    return figure, (
        "The error of a finite difference against its nudge: it falls and rises again. It is "
        f"smallest at {best_of_both:.0e} if nudged to both sides, at {best_of_one:.0e} if to one."
    )


def slope_size_figure(z: Numbers, sizes: Mapping[str, Numbers]) -> tuple[Figure, str]:
    """How steep each cost is for a neuron that should say 1, against its z.

    sizes: for the name of each cost the size of dC/dz at each z.
    """
    figure, ax = _plot({name: (z, size) for name, size in sizes.items()})
    ax.set(xlabel="z (it should be large)", ylabel="size of dC/dz")
    leftmost = {name: _floats(size)[0] for name, size in sizes.items()}
    at_the_left = ", ".join(f"{size:.2g} with {name}" for name, size in leftmost.items())
    return (
        figure,
        f"The size of the gradient against z. At z = {_floats(z)[0]:g} it is {at_the_left}.",
    )


def batch_error_figure(errors: Mapping[int, SupportsFloat]) -> tuple[Figure, str]:
    """The error of a mini-batch's gradient against the size of the batch, beside the line that
    falls with its square root.

    errors: for each size the root mean square error, over the length of the exact gradient.
    """
    sizes, measured = list(errors), _floats(errors.values())
    root_law = [measured[0] * (sizes[0] / size) ** 0.5 for size in sizes]
    figure, ax = _plot(
        {"measured": (sizes, measured), "falls as 1/√batch": (sizes, root_law)},
        looks=("o-", "--"),
        colors=(BLUE, GREY),
    )
    ax.set(xlabel="pictures in a batch", ylabel="r.m.s. error / gradient")
    ax.set(xscale="log", yscale="log")
    _ticks(ax, x=sizes, y=[0.5, 1, 2, 5, 10])
    return figure, (
        f"The relative error of a mini-batch gradient falls from {measured[0]:.2g} with "
        f"{sizes[0]} to {measured[-1]:.2g} with {sizes[-1]}; a dashed line falls with the "
        "square root of the size."
    )


def cost_by_work_figure(
    walks: Mapping[str, Mapping[int, SupportsFloat]],
) -> tuple[Figure, str]:
    """The cost along two walks downhill, against how many pictures each has looked at.

    walks: by its name, the cost after so many pictures.
    """
    figure, ax = _plot(
        {name: (costs.keys(), costs.values()) for name, costs in walks.items()}, ("s--", "o-")
    )
    ax.set(xlabel="pictures looked at", ylabel="cost", ylim=(0, None))
    with style():
        ax.xaxis.set_major_formatter("{x:,.0f}")
    facts = (
        f"{name}: from {values[0]:.2f} to {values[-1]:.2f}"
        for name, values in ((name, _floats(costs.values())) for name, costs in walks.items())
    )
    return figure, f"The cost against the pictures looked at. {'; '.join(facts)}."


def race_figure(probabilities: Mapping[str, Numbers], overtaken: int) -> tuple[Figure, str]:
    """The probabilities of two words after each update, and the update at which the second one
    overtakes the first.
    """
    first, second = probabilities
    figure, ax = _plot(
        {word: (range(len(_floats(y))), y) for word, y in probabilities.items()},
        looks=("o--", "o-"),
        colors=(VERMILLION, BLUE),
    )
    with style():
        ax.axvline(overtaken, color=GREY, linestyle=":")
        ax.annotate(
            f"from update {overtaken} on: {second}",
            (overtaken, 0.9),
            xytext=(6, 0),
            textcoords="offset points",
        )
        ax.set(xlabel="updates", ylabel="probability", ylim=(0, 1))
        ax.legend(loc="center right")
    return figure, (
        f"The probability of {first} falls and that of {second} rises with each update; {second} "
        f"leads from update {overtaken} on."
    )


def loss_change_figure(rates: Numbers, changes: Numbers) -> tuple[Figure, str]:
    """How one step changes the loss of its own example, against the learning rate."""
    figure, ax = _plot({"": (rates, changes)}, looks=("o-",))
    with style():
        ax.axhline(0, color=GREY, linewidth=1)
    ax.set(xlabel="learning rate of one step", ylabel="change of the loss", xscale="log")
    tried, changed = _floats(rates), _floats(changes)
    best = _place_of_least(tried, changed)
    return figure, (
        f"The change of the loss against the learning rate of one step: {changed[0]:.2g} at "
        f"{tried[0]:g}, least at {best:g} with {min(changed):.2g}, and {changed[-1]:.2g} at "
        f"{tried[-1]:g}."
    )


def _plot(
    curves: Mapping[str, tuple[Numbers, Numbers]],
    looks: Sequence[str] = ("-", "--"),
    colors: Sequence[str | None] = (None, None),
) -> tuple[Figure, Axes]:
    """A new figure with these curves (x and y each), and a legend of their names."""
    figure, ax = new_figure(height=_HEIGHT)
    with style():
        for (name, (x, y)), look, color in zip(curves.items(), looks, colors, strict=False):
            ax.plot(_floats(x), _floats(y), look, label=name, color=color, markersize=5)
        if all(curves):
            ax.legend()
    return figure, ax


def _floats(values: Numbers) -> list[float]:
    return [float(value) for value in values]


def _place_of_least(x: Numbers, y: Numbers) -> float:
    """The x where y is smallest."""
    heights = _floats(y)
    return _floats(x)[heights.index(min(heights))]


def _ticks(ax: Axes, x: Sequence[float | int] = (), y: Sequence[float | int] = ()) -> None:
    """Ticks at these places of logarithmic axes, each written as the plain number."""
    with style():
        if x:
            ax.set_xticks(x, [f"{tick:g}" for tick in x])
        if y:
            ax.set_yticks(y, [f"{tick:g}" for tick in y])
        ax.minorticks_off()
