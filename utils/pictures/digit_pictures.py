"""Figures of digits, and of what a network makes of them: each function gives the figure and the
same in words, for `show(*digit_figure(...))`.
"""

from collections.abc import Mapping
from itertools import zip_longest

from jaxtyping import Float, Int64
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, VERMILLION, new_figure, style

_ROW = 12  # digits in a row
_NEURONS_IN_A_ROW, _MOST_NEURONS = 8, 32
SURE = 0.1  # an output below it is no answer


def digit_figure(
    images: Float[Tensor, "image pixel"], labels: Int64[Tensor, " image"], rows: int = 3
) -> tuple[Figure, str]:
    """The first pictures of a set, twelve in a row, each below its label."""
    count = min(len(images), rows * _ROW)
    shown = labels[:count].tolist()
    figure, axes = new_figure(height=0.85 * rows, rows=rows, columns=_ROW)
    with style():
        for ax, image, label in zip_longest(axes.flat, images[:count], shown):
            ax.axis("off")
            if image is not None:
                ax.imshow(image.view(28, 28).numpy(), cmap="gray_r", vmin=0, vmax=1)
                ax.set_title(label, fontsize=9, pad=2, loc="center")
    return figure, (
        f"{count} handwritten digits, each below its label: {' '.join(map(str, shown))}. No two of "
        "a kind look alike."
    )


def weight_figure(pictures: Float[Tensor, "neuron row column"]) -> tuple[Figure, str]:
    """The weights of up to 32 neurons as pictures, eight in a row, each on a colour scale of its
    own: blue above 0, red below.
    """
    shown = pictures[:_MOST_NEURONS]
    rows = -(-len(shown) // _NEURONS_IN_A_ROW)
    figure, axes = new_figure(height=1.1 * rows, rows=rows, columns=_NEURONS_IN_A_ROW)
    with style():
        for ax, picture in zip_longest(axes.flat, shown):
            ax.axis("off")
            if picture is not None:
                size = float(picture.abs().max())
                ax.imshow(picture.numpy(), cmap="RdBu", vmin=-size, vmax=size)
    high, wide = pictures.shape[1:]
    return figure, (
        f"The weights of {len(shown)} neurons, each a picture of {high} by {wide}: blue where ink "
        "switches it on, red where ink switches it off."
    )


def answer_figure(
    pictures: Mapping[str, Float[Tensor, "28 28"]], outputs: Mapping[str, Float[Tensor, " digit"]]
) -> tuple[Figure, str]:
    """Pictures, and below each of them the ten outputs of a network, the largest set apart.

    Both by the same names. A dash stands where no output is above SURE.
    """
    figure, axes = new_figure(height=3.6, rows=2, columns=len(pictures))
    with style():
        for (name, picture), (above, below) in zip(pictures.items(), axes.T, strict=True):
            says = outputs[name]
            largest = int(says.argmax())
            above.imshow(picture.numpy(), cmap="gray_r", vmin=0, vmax=1)
            above.set_title(f"{name}: {_answer(says)}", fontsize=10)
            above.set(xticks=[], yticks=[])
            colors = [VERMILLION if digit == largest else BLUE for digit in range(len(says))]
            below.bar(range(len(says)), says.tolist(), color=colors)
            below.set(ylim=(0, 1), xticks=range(len(says)))
            below.tick_params(labelsize=8)
    facts = (
        f"{name}: {int(says.argmax())} with {float(says.max()):.2f}"
        for name, says in outputs.items()
    )
    return figure, f"Pictures, and the largest output of the network for each. {', '.join(facts)}."


def _answer(says: Float[Tensor, " digit"]) -> str:
    return f"{int(says.argmax())}?" if float(says.max()) > SURE else "–"
