"""What causal tracing and an edit found out about a fact, as pictures."""

from collections.abc import Collection, Mapping, Sequence

from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, VERMILLION, new_figure, style, visible
from utils.pictures.heat_maps import heat_map


def restored_maps(
    shares: Mapping[str, Float[Tensor, "layer pos"]],
    pieces: Sequence[str],
    subject: Collection[int],
    layers: Sequence[int],
) -> Figure:
    """A map for each kind of state that was put back: the share of the answer that returns, by
    token (rows) and layer (columns).

    `pieces`: the texts of the tokens; those at the positions `subject` get a star.
    """
    figure, _ = new_figure(height=1.3 + 0.3 * len(pieces) * len(shares), rows=len(shares))
    rows = [piece + ("*" if at in subject else "") for at, piece in enumerate(pieces)]
    columns = [str(layer) for layer in layers]
    for ax, (name, share) in zip(list(figure.axes), shares.items(), strict=True):
        heat_map(
            share.T, rows, columns, ax=ax, title=name, xlabel="layer", value="share that returns"
        )
    return figure


def restored_in_words(
    shares: Mapping[str, Float[Tensor, "layer pos"]], pieces: Sequence[str], layers: Sequence[int]
) -> str:
    """For each kind of state the brightest place of its map, and the brightest behind the first
    layer.
    """
    sentences = []
    for name, share in shares.items():
        places = [_brightest(share, 0, pieces, layers), _brightest(share, 1, pieces, layers)]
        sentences.append(f"{name}: most returns {' and, behind the first layer, '.join(places)}.")
    return " ".join(sentences)


def _brightest(share: Tensor, first: int, pieces: Sequence[str], layers: Sequence[int]) -> str:
    row, position = divmod(int(share[first:].argmax()), share.shape[1])
    value = float(share[first + row, position])
    piece = visible(pieces[position].strip())
    return f"at layer {layers[first + row]} and “{piece}” ({value:.0%})"


def before_and_after(
    labels: Sequence[str], before: Sequence[float], after: Sequence[float]
) -> Figure:
    """A row for each label, the first on top: a disc at the probability before a change, a diamond
    at that after it, and a line between the two.

    Raises ValueError if there are not as many probabilities as labels.
    """
    if not len(labels) == len(before) == len(after):
        raise ValueError(
            f"{len(labels)} labels, {len(before)} values before and {len(after)} after were given: "
            "give as many of each."
        )
    figure, ax = new_figure(height=1.2 + 0.27 * len(labels))
    rows = range(len(labels))
    with style():
        ax.hlines(rows, before, after, color=GREY, linewidth=2, zorder=1)
        ax.plot(before, rows, "o", color=BLUE, label="before")
        ax.plot(after, rows, "D", color=VERMILLION, label="after")
        ax.set_yticks(rows, labels, fontsize=9, parse_math=False)
        ax.invert_yaxis()
        ax.set(xlabel="probability of the last word", xlim=(-0.03, 1.03))
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return figure
