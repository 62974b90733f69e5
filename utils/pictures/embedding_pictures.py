"""Pictures of word vectors: words on a map with arrows between them, and cosines as dots. Each
function gives the figure and the same in words, for `show(*word_map(...))`.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, VERMILLION, new_figure, style

Arrow = tuple[str, str]  # from a word to a word


def flattened(rows: Float[Tensor, "word d_model"]) -> Float[Tensor, "word 2"]:
    """The two directions in which the rows differ most (principal components), each row a point.

    Each direction points so that its largest number is positive, so that a picture is always the
    same. Fewer than three rows leave zeros where there is nothing to show.
    """
    centred = (rows - rows.mean(dim=0)).double()
    left, sizes, _ = torch.linalg.svd(centred, full_matrices=False)
    points = torch.zeros(len(rows), 2, dtype=torch.float64)
    shown = min(2, len(sizes))
    points[:, :shown] = left[:, :shown] * sizes[:shown]
    largest = points.gather(0, points.abs().argmax(dim=0, keepdim=True))
    return (points * torch.where(largest < 0, -1.0, 1.0)).float()


def word_map(
    words: Sequence[str], points: Float[Tensor, "word 2"], arrows: Sequence[Arrow] = ()
) -> tuple[Figure, str]:
    """Each word at its point, with arrows from word to word; equal arrows are parallel."""
    figure, ax = new_figure(height=4.0)
    place = dict(zip(words, points.tolist(), strict=True))
    with style():
        ax.plot(*points.T.tolist(), "o", color=BLUE, markersize=5)
        for word, (right, above) in zip(words, _away_from_nearest(points), strict=True):
            ax.annotate(
                word,
                place[word],
                xytext=(5 if right else -5, 5 if above else -5),
                textcoords="offset points",
                ha="left" if right else "right",
                va="bottom" if above else "top",
                parse_math=False,
            )
        for start, end in arrows:
            ax.annotate(
                "",
                place[end],
                place[start],
                arrowprops={"arrowstyle": "->", "color": VERMILLION, "linewidth": 1.8},
            )
        ax.axhline(0, color=GREY, linewidth=0.6)
        ax.axvline(0, color=GREY, linewidth=0.6)
        ax.set(xlabel="first direction", ylabel="second direction")
        ax.margins(0.15)
    places = ", ".join(f"{word} ({x:.2f}, {y:.2f})" for word, (x, y) in place.items())
    drawn = "; ".join(f"from {start} to {end}" for start, end in arrows)
    return figure, f"Words on a map: {places}." + (f" Arrows {drawn}." if drawn else "")


def _away_from_nearest(points: Float[Tensor, "word 2"]) -> list[tuple[bool, bool]]:
    """For each point, whether its label goes to the right and above: away from the nearest other
    point, so that neighbours do not cover each other.
    """
    if len(points) < 2:
        return [(True, True)] * len(points)
    ranges = points.max(dim=0).values - points.min(dim=0).values
    scaled = points / ranges.clamp(min=1e-9)
    distances = torch.cdist(scaled, scaled).fill_diagonal_(torch.inf)
    away = scaled - scaled[distances.argmin(dim=1)]
    return [(right >= 0, above >= 0) for right, above in away.tolist()]


def cosine_dots(groups: Mapping[str, Sequence[float]]) -> tuple[Figure, str]:
    """A row of dots for each group of pairs, and a bar at its mean."""
    figure, ax = new_figure(height=0.9 + 0.55 * len(groups))
    with style():
        for row, values in enumerate(groups.values()):
            ax.plot(values, [row] * len(values), "o", color=BLUE, alpha=0.5, markersize=5)
            mean = sum(values) / len(values)
            ax.plot([mean, mean], [row - 0.3, row + 0.3], color=VERMILLION)
        ax.set_yticks(range(len(groups)), list(groups))
        ax.set_ylim(len(groups) - 0.5, -0.5)
        ax.set(xlabel="cosine", xlim=(min(-0.1, *map(min, groups.values())), 1))
    facts = [f"{name} {sum(values) / len(values):.2f}" for name, values in groups.items()]
    return figure, f"Cosines of pairs, with the mean of each group: {', '.join(facts)}."
