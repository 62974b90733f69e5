"""The picture of what small models know of secrets that stand in their data."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from utils.pictures.figures import BLUE, GREY, VERMILLION, new_figure, style

_LOOKS = ((BLUE, "o", "-"), (VERMILLION, "s", "--"))


class Curve(NamedTuple):
    """Means by how often a secret was read, 0 first, with two standard errors either way."""

    sights: Sequence[float]
    means: Sequence[float]
    errors: Sequence[float]


def secrets_by_sights(
    shares: Mapping[str, Curve], surprises: Mapping[str, Curve], guessing: float
) -> tuple[Figure, str]:
    """What share of the secrets is given away, and beside it how surprised the models are by them,
    in digits, by how often the secret was read: a line for each setting.

    guessing: the surprise of pure guessing.
    """
    fig, (left, right) = new_figure(height=3.2, columns=2)
    with style():
        _draw(left, {name: _in_per_cent(curve) for name, curve in shares.items()})
        _draw(right, surprises)
        right.axhline(guessing, color=GREY, linestyle=":", label="pure guessing")
        left.set(ylabel="given away, in per cent", ylim=(-3, 100))
        right.set(ylabel="surprise, in digits", ylim=(0, None))
        handles, names = right.get_legend_handles_labels()
        fig.legend(handles, names, loc="outside upper center", ncols=3, fontsize=10)
    said = "; ".join(
        f"{name}: {shares[name].means[-1]:.0%} given away at {shares[name].sights[-1]:.0f} sights, and "
        f"a surprise of {surprises[name].means[0]:.1f} digits at 0, "
        f"of {surprises[name].means[-1]:.1f} there"
        for name in shares
    )
    return fig, f"What is read more often is given away more often. {said}. Guessing: {guessing:g}."


def _in_per_cent(curve: Curve) -> Curve:
    return Curve(
        curve.sights, [100 * one for one in curve.means], [100 * one for one in curve.errors]
    )


def _draw(ax: Axes, curves: Mapping[str, Curve]) -> None:
    least = min(sight for curve in curves.values() for sight in curve.sights if sight)
    edge = least / 2  # where 0 stands on a logarithmic axis
    for (name, curve), (color, mark, line) in zip(curves.items(), _LOOKS, strict=False):
        places = [sight or edge for sight in curve.sights]
        reach = 2 * np.array(curve.errors)
        down = np.minimum(reach, curve.means)  # no share and no surprise lies below 0
        ax.errorbar(
            places,
            curve.means,
            [down, reach],
            color=color,
            marker=mark,
            linestyle=line,
            markersize=5,
            capsize=3,
            label=name,
        )
    ax.set_xscale("log", base=2)
    most = max(curve.sights[-1] for curve in curves.values())
    ticks = [tick for tick in (8, 32, 128, 512) if least <= tick <= 1.2 * most]
    ax.set_xticks([edge, *ticks], ["0", *map(str, ticks)])
    ax.set_xlabel("how often the number was read")
