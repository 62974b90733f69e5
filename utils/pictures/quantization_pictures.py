"""The pictures of quantization: weights before and after rounding, and what rounding costs a model.

Each function takes what was measured, and gives the figure and its words, for
`show(*function(…))`.
"""

from collections.abc import Mapping, Sequence

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


_LOOKS: Sequence[str] = ("^:", "s--", "o-", "v-.")


def _in_words(scope: str, by_bits: Mapping[int, Change]) -> str:
    changes = ", ".join(f"{mean:+.2f} with {n} bits" for n, (mean, *_) in by_bits.items())
    return f"A scale for {scope} changes the loss by {changes}."


def _lines_in_words(by_scope: Mapping[str, Mapping[int, Change]]) -> str:
    return " ".join(_in_words(scope, line) for scope, line in by_scope.items())
