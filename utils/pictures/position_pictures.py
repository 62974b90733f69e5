"""Pictures of positions: the rows of sinusoids, pairs that turn, and the loss beyond the length of the
training. Each function gives the figure and the same in words, for `show(*turning_pairs(...))`.
"""

from collections.abc import Mapping, Sequence
from math import cos, sin

from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, PALETTE, VERMILLION, new_figure, style

_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)))
_MARKS = ("o", "s", "^", "D", "v")
Band = tuple[int, int]


def sinusoid_map(rows: Float[Tensor, "pos d_model"]) -> tuple[Figure, str]:
    """The rows as a heat map, and beside it some of their columns as curves."""
    figure, (left, right) = new_figure(height=3.2, columns=2)
    with style():
        drawn = left.imshow(rows.numpy(), aspect="auto", vmin=-1, vmax=1)
        left.set(xlabel="place in the row", ylabel="position")
        figure.colorbar(drawn, ax=left, label="value")
        columns = range(0, rows.shape[1], max(2, 2 * (rows.shape[1] // 8)))
        for column, line in zip(columns, _LINES, strict=False):
            right.plot(rows[:, column].tolist(), linestyle=line, label=f"place {column}")
        right.set(xlabel="position", ylabel="value", ylim=(-1.15, 1.65))
        right.legend(fontsize=9, ncols=2, loc="upper center")
    return figure, (
        f"The rows of {len(rows)} positions with {rows.shape[1]} numbers each. The first places go "
        "up and down quickly from position to position, the last ones hardly change."
    )


def turning_pairs(
    query: Sequence[float], key: Sequence[float], names: Sequence[str]
) -> tuple[Figure, str]:
    """A clock for each pair, with a hand for the query and one for the key.

    query, key: the angle of each pair in radians, counter-clockwise from the right.
    """
    figure, axes = new_figure(height=2.5, columns=len(names))
    with style():
        for ax, name, of_query, of_key in zip(axes, names, query, key, strict=True):
            ax.set_aspect("equal")
            ax.set_axis_off()
            ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.3))
            ax.plot(
                [cos(step / 20) for step in range(127)],
                [sin(step / 20) for step in range(127)],
                color=GREY,
                linewidth=1,
            )
            for angle, colour, line in ((of_query, BLUE, "-"), (of_key, VERMILLION, "--")):
                ax.plot([0, cos(angle)], [0, sin(angle)], line, color=colour, linewidth=2.5)
            ax.set_title(name, loc="center", fontsize=10)
        figure.legend(
            handles=axes[0].lines[1:],
            labels=["query", "key"],
            loc="outside lower center",
            ncols=2,
        )
    apart = ", ".join(
        f"{name} {of_query - of_key:.2f}"
        for name, of_query, of_key in zip(names, query, key, strict=True)
    )
    return figure, f"Clocks with a hand for the query and one for the key; radians apart: {apart}."


def losses_by_place(
    losses: Mapping[str, Mapping[Band, Sequence[float]]], trained: int
) -> tuple[Figure, str]:
    """The mean loss over seeds at each band of places, with twice its standard error; a line where
    the training ended.
    """
    figure, ax = new_figure(height=3.6)
    facts = []
    looks = zip(losses.items(), PALETTE, _LINES, _MARKS, strict=False)
    with style():
        for (name, bands), colour, line, mark in looks:
            places = [(first + last) / 2 for first, last in bands]
            means = [sum(seeds) / len(seeds) for seeds in bands.values()]
            ax.errorbar(
                places,
                means,
                [2 * _standard_error(seeds) for seeds in bands.values()],
                color=colour,
                linestyle=line,
                marker=mark,
                markersize=5,
                capsize=3,
                label=name,
            )
            facts.append(f"{name} from {means[0]:.2f} to {means[-1]:.2f}")
        ax.axvline(trained, color=GREY, linewidth=1)
        ax.annotate(
            f"{trained} characters",
            (trained, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -12),
            textcoords="offset points",
            fontsize=9,
        )
        ax.set(xlabel="characters read", ylabel="loss (nats a character)")
        ax.legend(fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return figure, (
        f"The loss by place, the first and the last band: {'; '.join(facts)}. The training ended at "
        f"{trained} characters."
    )


def _standard_error(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
    return float((variance / len(values)) ** 0.5)
