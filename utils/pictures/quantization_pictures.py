"""The pictures of quantization: weights before and after rounding, what rounding costs a model, and
where memory is the limit.

Each function takes what was measured, and gives the figure and its words, for
`show(*function(…))`.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle

from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, new_figure, style

# Of the loss in nats: the mean, its standard error, and whatever else was measured.
Change = Sequence[float]


def rounded_weights(
    before: Float[Tensor, " weight"],
    after: Mapping[str, Float[Tensor, " weight"]],
    highest: float | int = 0.4,
) -> tuple[Figure, str]:
    """The weights as grey circles, and as dots what is left of them: a picture for each title of
    `after`.

    What lies further from 0 than `highest` is beyond the edge.
    """
    figure, _ = new_figure(height=2.8, columns=len(after))
    said = []
    for ax, (title, rounded) in zip(figure.axes, after.items(), strict=True):
        with style():
            ax.plot(before, "o", color=GREY, markerfacecolor="none", markersize=5)
            ax.plot(rounded, ".", color=BLUE, markersize=6)
            ax.set(xlabel="weight", ylabel="value", ylim=(-highest, highest), title=title)
        zeros = int((rounded == 0).sum())
        said.append(f"{title}: {zeros} of {len(before)} weights are 0 after rounding")
    return figure, "; ".join(said) + "."


def rounding_costs(
    by_bits: Mapping[int, Change], by_scope: Mapping[str, Mapping[int, Change]]
) -> tuple[Figure, str]:
    """How the loss changes, left by the number of bits, right by how many weights share a scale.

    by_bits: from bits to the change. by_scope: from the words for those who share a scale to the
    same.
    """
    figure, (left, right) = new_figure(height=3, columns=2)
    with style():
        changes, errors, *_ = zip(*by_bits.values(), strict=True)
        drawn = left.bar(range(len(by_bits)), changes, yerr=errors, capsize=4)
        left.bar_label(drawn, [f"{change:+.2f}" for change in changes], padding=3)
        left.set_xticks(range(len(by_bits)), [str(n) for n in by_bits])
        left.set(xlabel="bits", ylabel="change of the loss (nats)")
        left.set(title="a scale for 32 weights", ylim=(0, 1.15 * max(changes)))
        for look, (scope, line) in zip(_LOOKS, by_scope.items(), strict=False):
            means, errors, *_ = zip(*line.values(), strict=True)
            names = [str(n) for n in line]
            right.errorbar(names, means, errors, fmt=look, capsize=4, label=scope)
        right.set(xlabel="bits", title="more or fewer weights to a scale")
        right.legend(title="a scale for")
    return figure, f"{_in_words('32 weights', by_bits)} {_lines_in_words(by_scope)}"


def roofline(
    per_byte: Mapping[str, float], bandwidth: float | int, arithmetic: float | int
) -> tuple[Figure, str]:
    """How many multiplications a second a machine can do at most, against how many it does for each
    byte that it reads; and where each kind of work stands on that roof.

    per_byte: multiplications for a byte, by the name of the work. bandwidth: bytes a second,
    arithmetic: multiplications a second.
    """
    figure, ax = new_figure(height=3.2)
    ridge = arithmetic / bandwidth  # multiplications for a byte, from which on memory keeps up
    left, right = min(*per_byte.values(), ridge) / 2, max(*per_byte.values(), ridge) * 2
    with style():
        ax.plot([left, ridge], [left * bandwidth, arithmetic], color=GREY)
        ax.plot([ridge, right], [arithmetic, arithmetic], "--", color=GREY)
        for (name, work), look in zip(per_byte.items(), cycle("os^Dv"), strict=False):
            ax.plot(work, min(work * bandwidth, arithmetic), look, markersize=8, label=name)
        ax.set(xscale="log", yscale="log", xlabel="multiplications for a byte that is read")
        ax.set(ylabel="multiplications a second", ylim=(None, 2 * arithmetic))
        ax.text(left, arithmetic, "on the slope memory is the limit", va="center", fontsize=9)
        ax.text(right, 1.15 * arithmetic, "here arithmetic is", ha="right", fontsize=9)
        ax.legend(loc="lower right")
    works = ", ".join(f"{name} {work:.2f}" for name, work in per_byte.items())
    return figure, (
        f"A roof that rises up to {ridge:.1f} multiplications for a byte, and is flat from there. "
        f"Multiplications for a byte: {works}."
    )


_LOOKS: Sequence[str] = ("^:", "s--", "o-", "v-.")


def _in_words(scope: str, by_bits: Mapping[int, Change]) -> str:
    changes = ", ".join(f"{mean:+.2f} with {n} bits" for n, (mean, *_) in by_bits.items())
    return f"A scale for {scope} changes the loss by {changes}."


def _lines_in_words(by_scope: Mapping[str, Mapping[int, Change]]) -> str:
    return " ".join(_in_words(scope, line) for scope, line in by_scope.items())
