"""Figures of single neurons: each function gives the figure and the same in words, for
`show(*neuron_figure(...))`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREEN, GREY, VERMILLION, new_figure, style

ACTIVATIONS = {"sigmoid": torch.sigmoid, "ReLU": torch.relu}


class Neuron(NamedTuple):
    """A neuron with one input. `activation` is a name in ACTIVATIONS."""

    weight: float | int
    bias: float | int
    activation: str = "sigmoid"

    def __str__(self) -> str:
        """As a formula of its input."""
        return f"{self.activation}({self.weight:g}·a {self.bias:+g})"

    def answer(self, a: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Its activation, for each activation `a` of its input."""
        return ACTIVATIONS[self.activation](self.weight * a + self.bias)

    @property
    def threshold(self) -> float | None:
        """The input at which its weighted sum with bias is 0; None if no input reaches it."""
        return -self.bias / self.weight if self.weight else None


def neuron_figure(*neurons: Neuron) -> tuple[Figure, str]:
    """The activations of up to three neurons against that of their input, from -1 to 2, with a dot
    at the threshold of each.
    """
    figure, ax = new_figure(height=3)
    a_in = torch.linspace(-1, 2, 301)
    with style():
        looks = zip(neurons, (BLUE, VERMILLION, GREEN), ("-", "--", ":"), strict=False)
        for neuron, color, line in looks:
            ax.plot(a_in, neuron.answer(a_in), line, color=color, label=str(neuron))
            at = neuron.threshold
            if at is not None and -1 <= at <= 2:
                ax.plot(at, float(neuron.answer(torch.tensor(at))), "o", color=color)
        ax.axvspan(0, 1, color=GREY, alpha=0.15)
        ax.set(xlabel="input activation (a pixel lies in the grey band)", ylabel="activation")
        ax.set_ylim(-0.1, 2)
        ax.legend(loc="upper left")
    return figure, f"Activation against input: {'; '.join(map(_in_words, neurons))}."


def _in_words(neuron: Neuron) -> str:
    at = neuron.threshold
    where = "no threshold, because nothing reaches it" if at is None else f"threshold at {at:.2f}"
    way = "rises" if neuron.weight > 0 else "falls" if neuron.weight else "stays as it is"
    return f"{neuron} {way}, {where}"


def stroke_figure(
    weights: Float[Tensor, "row column"], sums: Sequence[float | int]
) -> tuple[Figure, str]:
    """The weights of a neuron as a picture, beside its mean weighted sum for each digit.

    sums: one for each of the ten digits.
    """
    figure, axes = new_figure(height=2.6, columns=2)
    size = float(weights.abs().max())
    with style():
        axes[0].imshow(weights.numpy(), cmap="RdBu", vmin=-size, vmax=size)
        axes[0].set_title("weights: blue +, red −", fontsize=10)
        axes[0].axis("off")
        axes[1].bar(range(len(sums)), sums)
        axes[1].set(xlabel="digit", ylabel="mean weighted sum", xticks=range(len(sums)))
    ranked = sorted(range(len(sums)), key=lambda digit: -sums[digit])
    first, second, third, *_, last = ranked
    return figure, (
        "Left, the weights as a picture. Right, the mean weighted sum for each digit: largest for "
        f"the {first}, then for {second} and {third}, smallest for the {last}."
    )
