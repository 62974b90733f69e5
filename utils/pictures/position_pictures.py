"""Pictures of positions: the rows of sinusoids, pairs that turn, and the loss beyond the length of the
training. Each function gives the figure and the same in words, for `show(*turning_pairs(...))`.
"""

from collections.abc import Mapping, Sequence
from math import cos, sin
from typing import NamedTuple

from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, PALETTE, VERMILLION, new_figure, style

_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)))
_MARKS = ("o", "s", "^", "D", "v")
Band = tuple[int, int]


def sinusoid_map(rows: Float[Tensor, "pos d_model"]) -> tuple[Figure, str]:
    """The sines of the rows as a heat map, and beside it some of them as curves.

    rows: sines and cosines by turns, as `sinusoids` gives them. The cosines would look alike, and
    the two by turns would flicker.
    """
    sines = rows[:, 0::2]  # (pos, pair)
    pairs = sines.shape[1]
    figure, (left, right) = new_figure(height=3.2, columns=2)
    with style():
        drawn = left.imshow(sines.numpy(), aspect="auto", vmin=-1, vmax=1)
        left.set(xlabel="pair (its sine)", ylabel="position")
        figure.colorbar(drawn, ax=left)
        for pair, line in zip(range(0, pairs, max(1, pairs // 8)), _LINES, strict=False):
            right.plot(sines[:, pair].tolist(), linestyle=line, label=f"pair {pair}")
        right.set(xlabel="position", ylabel="sine", ylim=(-1.15, 1.65))
        right.legend(fontsize=9, ncols=2, loc="upper center")
    return figure, (
        f"The sines of {pairs} pairs at {len(rows)} positions. Those of the first pairs go up and "
        "down quickly from position to position, those of the last hardly change."
    )


class Hand(NamedTuple):
    """A pair of numbers as the hand of a clock: where it begins, and how far its position turned
    it, in radians, counter-clockwise from the right.
    """

    start: float
    turn: float

    @property
    def angle(self) -> float:
        """Where it points, full turns included."""
        return self.start + self.turn

    def words(self) -> str:
        """The angle, as a sum if the hand did not begin at 0."""
        turn = f"{round(self.turn, 3):g}"
        return f"{self.start:g} + {turn}" if self.start else turn


def turning_pairs(
    query: Sequence[Hand], key: Sequence[Hand], names: Sequence[str]
) -> tuple[Figure, str]:
    """A clock for each pair, with a hand for the query and one for the key, and under it their
    angles, how far they are apart, and the cosine of that.
    """
    figure, axes = new_figure(height=3.2, columns=len(names))
    facts = []
    with style():
        for ax, name, of_query, of_key in zip(axes, names, query, key, strict=True):
            ax.set_aspect("equal")
            ax.set_axis_off()
            ax.set(xlim=(-1.25, 1.25), ylim=(-2.6, 1.6))
            ax.plot(
                [cos(step / 20) for step in range(127)],
                [sin(step / 20) for step in range(127)],
                color=GREY,
                linewidth=1,
            )
            for hand, colour, line in ((of_query, BLUE, "-"), (of_key, VERMILLION, "--")):
                ax.plot(
                    [0, cos(hand.angle)], [0, sin(hand.angle)], line, color=colour, linewidth=2.5
                )
            ax.text(0, 1.2, name, ha="center", va="bottom", fontsize=10)
            apart = of_query.angle - of_key.angle
            lines = (
                f"query {of_query.words()}",
                f"key {of_key.words()}",
                f"apart {round(apart, 3):g}",
                f"cosine {cos(apart):.3f}",
            )
            ax.text(0, -1.25, "\n".join(lines), ha="center", va="top", fontsize=9)
            facts.append(f"{name}: {', '.join(lines)}")
        figure.legend(
            handles=axes[0].lines[1:],
            labels=["query", "key"],
            loc="outside lower center",
            ncols=2,
        )
    return figure, (
        "Clocks with a hand for the query and one for the key, angles in radians. "
        f"{'; '.join(facts)}."
    )


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
            f"trained on {trained}",
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
