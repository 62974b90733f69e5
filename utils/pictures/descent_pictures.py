"""Figures of gradient descent: each function gives the figure and the same in words, for
`show(*compass_figure(...))`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import SupportsFloat

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, ORANGE, VERMILLION, new_figure, style
from utils.pictures.surfaces import SURFACES

_SIDE = 2.0  # surfaces are drawn from -2 to 2 in both parameters

Numbers = Iterable[SupportsFloat]  # a list, a range, a tensor with one axis


def compass_figure(degrees: Numbers, slopes: Numbers, gradient: float | int) -> tuple[Figure, str]:
    """The slope of a cost in each direction, with a line in the direction of the gradient.

    degrees: 0 is along the first parameter, 90 along the second. gradient: its direction in
        degrees.
    """
    places = [float(place) for place in degrees]
    heights = [float(slope) for slope in slopes]
    figure, ax = new_figure(height=2.8)
    with style():
        ax.plot(places, heights)
        ax.axhline(0, color=GREY, linewidth=1)
        ax.axvline(gradient, color=VERMILLION, linestyle="--")
        ax.annotate(
            "the gradient points here",
            (gradient, min(heights)),
            xytext=(-6, 4),
            textcoords="offset points",
            ha="right",
            color=VERMILLION,
        )
        ax.set(xlabel="direction in degrees", ylabel="slope of the cost")
        ax.set_xticks(range(0, 361, 45))
    up, down = (places[heights.index(pick(heights))] for pick in (max, min))
    return figure, (
        f"The slope of the cost in all directions: steepest up at {up:.0f} degrees, steepest down "
        f"at {down:.0f}. The gradient points to {float(gradient):.0f} degrees."
    )


def line_figure(
    x: Float[Tensor, " point"],
    y: Float[Tensor, " point"],
    lines: Mapping[str, Float[Tensor, " 2"]],
) -> tuple[Figure, str]:
    """Points, and up to four straight lines through them, each with its slope and its height at
    0.
    """
    figure, ax = new_figure(height=2.4)
    with style():
        ax.plot(x.tolist(), y.tolist(), "o", color=VERMILLION, label="the points")
        looks = zip(lines.items(), (":", "-.", "--", "-"), strict=False)
        for (name, (slope, height)), look in looks:
            heights = slope * x + height
            ax.plot(x.tolist(), heights.tolist(), look, color=BLUE, linewidth=1.5, label=name)
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    facts = (f"{name} {float(w):.2f}x {float(b):+.2f}" for name, (w, b) in lines.items())
    return figure, f"{len(x)} points and straight lines: {', '.join(facts)}."


def surface_figure(
    name: str, way: Float[Tensor, "step 2"], rate: float | int, turn: float | int
) -> tuple[Figure, str]:
    """A surface of SURFACES in perspective, with a walk on it as far as it stays in the picture.

    way: the points of the walk, the start first. rate: its learning rate, for the title. turn:
        degrees around the vertical.
    """
    surface = SURFACES[name]
    outside = (way.abs() > _SIDE).any(dim=1).nonzero().flatten().tolist()
    on_way = way[: outside[0]] if outside else way
    plane = torch.linspace(-_SIDE, _SIDE, 33)
    x, y = torch.meshgrid(plane, plane, indexing="ij")
    figure, _ = new_figure(height=4)
    figure.clear()
    with style():
        # computed_zorder: matplotlib would hide the walk behind the surface that it lies on
        ax = figure.add_subplot(projection="3d", computed_zorder=False)
        heights = surface.height(x, y).numpy()
        looks = {"cmap": "Blues_r", "alpha": 0.8, "rcount": 24, "ccount": 24}
        ax.plot_surface(x.numpy(), y.numpy(), heights, **looks)
        above = surface.height(*on_way.T).numpy() + 0.03
        ax.plot(*on_way.T.numpy(), above, "o-", color=VERMILLION, markersize=4)
        ax.view_init(elev=45, azim=turn)
        ax.set(xlabel="first parameter", ylabel="second parameter", zlabel="cost")
        end = _end(way, bool(outside))
        ax.set_title(f"{name}, rate {rate:g}: {end}", fontsize=11)
    x_start, y_start = way[0].tolist()
    return figure, (
        f"Gradient descent on the surface {name} from ({x_start:g}, {y_start:g}) with rate "
        f"{rate:g}: {end}."
    )


def _end(way: Float[Tensor, "_ 2"], left: bool) -> str:
    x, y = way[-1].tolist()
    return "it runs out of the picture" if left else f"it ends at ({x:.2f}, {y:.2f})"


def walks_figure(
    walks: Mapping[str, Sequence[Float[Tensor, "_ 2"]]], rates: Mapping[str, float | int]
) -> tuple[Figure, str]:
    """Up to two walks on each of several surfaces, seen from above; a large mark at each start.

    walks, rates: by the name of the surface in SURFACES.
    """
    figure, axes = new_figure(height=2.6, columns=len(walks))
    plane = torch.linspace(-_SIDE, _SIDE, 81)
    x, y = torch.meshgrid(plane, plane, indexing="xy")
    facts = []
    with style():
        for ax, (name, ways) in zip(axes, walks.items(), strict=True):
            heights = SURFACES[name].height(x, y)
            ax.contourf(plane.numpy(), plane.numpy(), heights.numpy(), levels=14, cmap="Blues_r")
            for way, color, sign in zip(ways, (VERMILLION, ORANGE), ("o", "s"), strict=False):
                ax.plot(*way.T.numpy(), f"{sign}-", color=color, markersize=3, linewidth=1)
                ax.plot(*way[0].tolist(), sign, color=color, markersize=8)
                x_start, y_start = way[0].tolist()
                facts.append(f"{name}, from ({x_start:g}, {y_start:g}): {_end(way, False)}")
            ax.set(xlim=(-_SIDE, _SIDE), ylim=(-_SIDE, _SIDE), aspect="equal")
            ax.set_title(f"{name}, rate {rates[name]:g}", fontsize=10)
    return figure, f"Walks on surfaces seen from above. {'. '.join(facts)}."


def epoch_figure(
    runs: Mapping[str, Sequence[float | int]],
    ylabel: str,
    *,
    first: int = 0,
    levels: Mapping[str, float | int] | None = None,
    ylim: tuple[float | int, float | int] | None = None,
) -> tuple[Figure, str]:
    """A number after each epoch of several training runs, which need not be equally long.

    first: the epoch of each run's first number. levels: heights to compare with, by what stands
        beside their lines.
    """
    figure, ax = new_figure(height=3)
    longest = max(map(len, runs.values())) + first - 1
    with style():
        for (name, values), look in zip(runs.items(), ("o-", "s--", "D-.", "^:"), strict=False):
            epochs = range(first, first + len(values))
            ax.plot(epochs, values, look, markersize=5, label=name)
        for name, level in (levels or {}).items():
            ax.axhline(level, color=GREY, linewidth=1, linestyle=":")
            ax.annotate(name, (longest, level), ha="right", va="bottom", fontsize=9)
        ax.set(xlabel="epochs (times it has seen all pictures)", ylabel=ylabel, ylim=ylim)
        ax.set_xticks(range(first, longest + 1))
        ax.legend()
    facts = (
        f"{name}: from {values[0]:.3g} to {values[-1]:.3g} after epoch {first + len(values) - 1}"
        for name, values in runs.items()
    )
    return figure, f"{ylabel} by epoch. {'; '.join(facts)}."
