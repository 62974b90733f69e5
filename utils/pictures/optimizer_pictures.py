"""Pictures of optimizers: walks in a bowl, what Adam makes of a row of gradients, schedules, learning
rates and what came of them, and what Newton and Schulz do to singular values. Each function gives
the figure and the same in words, for `show(*walks_in_bowl(...))`.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.bowl import Bowl
from utils.pictures.figures import BLUE, GREY, ORANGE, PALETTE, VERMILLION, new_figure, style

_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
_MARKS = ("o", "s", "^", "D", "v")
_WIDE, _HIGH = 2.0, 1.0  # the least of the bowl that is drawn
_DEEPEST, _HIGHEST = 1e-5, 1e3  # the losses that are drawn, in units of the first


def walks_in_bowl(bowl: Bowl, walks: Mapping[str, Float[Tensor, "_ 2"]]) -> tuple[Figure, str]:
    """Up to five walks seen from above, and beside it the loss on the way, by name.

    The picture reaches as far as the walks do, up to twice its usual size.
    """
    figure, (above, beside) = new_figure(height=2.9, columns=2)
    wide, high = (
        _reach([places[:, axis] for places in walks.values()], usual)
        for axis, usual in enumerate((_WIDE, _HIGH))
    )
    x, y = torch.meshgrid(
        torch.linspace(-wide, wide, 81), torch.linspace(-high, high, 81), indexing="xy"
    )
    facts = []
    with style():
        heights = bowl.height(x, y).sqrt()  # so that the lines stand evenly
        above.contour(x, y, heights, levels=9, colors=GREY, linewidths=0.6)
        looks = zip(walks.items(), PALETTE, _LINES, _MARKS, strict=False)
        for (name, places), colour, line, mark in looks:
            above.plot(
                *places.T.tolist(),
                linestyle=line,
                color=colour,
                marker=mark,
                markersize=3,
                linewidth=1,
            )
            of_steps = bowl.height(*places.T)
            beside.plot(of_steps.tolist(), linestyle=line, color=colour, label=name)
            facts.append(f"{name} from {float(of_steps[0]):.3g} to {float(of_steps[-1]):.2g}")
        above.set(xlim=(-wide, wide), ylim=(-high, high), xlabel="along", ylabel="across")
        losses = torch.cat([bowl.height(*places.T) for places in walks.values()])
        first = float(losses[0])
        lowest = max(float(losses.min()), _DEEPEST * first) / 2
        highest = 2 * min(float(losses.nan_to_num(nan=torch.inf).max()), _HIGHEST * first)
        beside.set(xlabel="step", ylabel="loss", yscale="log", ylim=(lowest, highest))
        beside.legend(fontsize=9)
    steps = len(next(iter(walks.values()))) - 1
    return figure, f"The loss in a bowl over {steps} steps: {'; '.join(facts)}."


def _reach(coordinates: Sequence[Float[Tensor, " step"]], usual: float) -> float:
    """How far from the middle a picture goes that shows all of these, from `usual` to its double."""
    farthest = max(float(places.abs().nan_to_num(nan=torch.inf).max()) for places in coordinates)
    return min(max(usual, 1.1 * farthest), 2 * usual)


def adam_at_work(
    gradients: Sequence[float],
    means: Sequence[float],
    sizes: Sequence[float],
    steps: Sequence[float],
) -> tuple[Figure, str]:
    """What comes in and what goes out of Adam for one weight: the gradients; their mean and the
    root of their mean square; the quotient, which is the step in learning rates.
    """
    figure, axes = new_figure(height=2.7, columns=3)
    place = range(1, len(gradients) + 1)
    with style():
        axes[0].bar(place, gradients, color=GREY)
        axes[0].set(title="1. gradients", xlabel="step")
        axes[1].plot(place, means, color=BLUE, label="mean")
        axes[1].plot(place, sizes, "--", color=VERMILLION, label="root of mean square")
        axes[1].set(title="2. two running means", xlabel="step")
        axes[1].legend(fontsize=9, loc="upper left")
        axes[1].set_ylim(top=1.6 * max(*means, *sizes))  # room for the legend
        axes[2].bar(place, steps, color=BLUE)
        axes[2].axhline(0, color=GREY, linewidth=1)
        axes[2].set(title="3. mean / root", xlabel="step", ylim=(-1.2, 1.2))
    return figure, (
        f"Gradients between {min(gradients):g} and {max(gradients):g} become steps between "
        f"{min(steps):.2f} and {max(steps):.2f} learning rates."
    )


def moved_by_count(
    counts: Float[Tensor, " token"], moved: Mapping[str, Float[Tensor, " token"]]
) -> tuple[Figure, str]:
    """How far the row of each token has moved, against how often the token is in the text."""
    figure, axes = new_figure(height=2.7, columns=len(moved))
    facts = []
    all_distances = torch.cat(list(moved.values()))
    limits = (0.5 * float(all_distances.min()), 2 * float(all_distances.max()))
    with style():
        for ax, (name, distances) in zip(axes, moved.items(), strict=True):
            ax.plot(counts.tolist(), distances.tolist(), "o", markersize=4)
            ax.set(xscale="log", yscale="log", ylim=limits, title=name, xlabel="times in the text")
            rarest, commonest = counts.argsort()[0], counts.argsort()[-1]
            facts.append(
                f"{name}: the commonest moved {float(distances[commonest]):.2g}, the rarest "
                f"{float(distances[rarest]):.2g}"
            )
        axes[0].set_ylabel("how far it moved")
    return figure, f"How far the rows of the embedding moved. {'; '.join(facts)}."


def gradient_sizes(sizes: Mapping[str, float | int]) -> tuple[Figure, str]:
    """A dot for each part of a model: the root mean square of its gradient, on a logarithmic axis."""
    figure, ax = new_figure(height=0.32 * len(sizes) + 0.8)
    with style():
        ax.plot(list(sizes.values()), list(sizes), "o")
        ax.set(xscale="log", xlabel="root mean square of the gradient")
        ax.invert_yaxis()
        ax.grid(axis="x", color=GREY, alpha=0.3)
    smallest, largest = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    return figure, (
        f"The gradients are largest for {largest} ({float(sizes[largest]):.1e}) and smallest for "
        f"{smallest} ({float(sizes[smallest]):.1e})."
    )


def singular_values(
    curve: Mapping[str, tuple[Float[Tensor, " point"], Float[Tensor, " point"]]],
    rounds: Sequence[Float[Tensor, " value"]],
) -> tuple[Figure, str]:
    """Left, what one round and more make of a singular value between 0 and 1, by name. Right, the
    singular values of a matrix before the first round and after each.
    """
    figure, (left, right) = new_figure(height=2.9, columns=2)
    with style():
        for (name, (before, after)), line in zip(curve.items(), _LINES, strict=False):
            left.plot(before.tolist(), after.tolist(), linestyle=line, label=name)
        left.axhline(1, color=GREY, linewidth=1)
        left.set(xlabel="singular value before", ylabel="after", ylim=(0, 1.35))
        left.legend(fontsize=9)
        for number, values in enumerate(rounds):
            right.plot([number] * len(values), values.tolist(), "o", color=BLUE, markersize=4)
        right.axhline(1, color=GREY, linewidth=1)
        right.set(xlabel="rounds", ylabel="singular values of the matrix", ylim=(0, 1.35))
    first, last = rounds[0], rounds[-1]
    return figure, (
        f"Singular values from {float(first.min()):.2g} to {float(first.max()):.2g} lie between "
        f"{float(last.min()):.2g} and {float(last.max()):.2g} after {len(rounds) - 1} rounds."
    )


def tuned(
    grids: Mapping[str, Mapping[float, float]], seeds: Mapping[str, Sequence[float]]
) -> tuple[Figure, str]:
    """Left, the mean loss against the learning rate, as a multiple of each optimizer's best. Right,
    the loss of every seed at the best rate, with the mean and twice its standard error.
    """
    figure, (left, right) = new_figure(height=3.3, columns=2)
    facts = []
    with style():
        looks = zip(grids.items(), PALETTE, _LINES, _MARKS, strict=False)
        for (name, losses), colour, line, mark in looks:
            best = min(losses, key=losses.__getitem__)
            multiples = [rate / best for rate in losses]
            left.plot(
                multiples,
                list(losses.values()),
                linestyle=line,
                color=colour,
                marker=mark,
                label=name,
            )
        left.set(xscale="log", xlabel="learning rate, best = 1", ylabel="loss on unread text")
        left.set_xticks([1 / 16, 0.25, 1, 4], ["1/16", "1/4", "1", "4"])
        left.minorticks_off()
        left.legend(fontsize=9)
        for place, (name, of_seeds) in enumerate(seeds.items()):
            values = torch.tensor(of_seeds)
            middle, error = float(values.mean()), float(values.std() / len(values) ** 0.5)
            right.plot([place] * len(values), values.tolist(), "o", color=GREY, markersize=4)
            right.errorbar(place, middle, 2 * error, fmt="_", color=PALETTE[place], capsize=6)
            facts.append(f"{name} {middle:.2f}")
        right.set_xticks(range(len(seeds)), list(seeds), rotation=30, ha="right")
        right.set(xlim=(-0.5, len(seeds) - 0.5))
    return figure, f"The mean loss at the best learning rate of each: {', '.join(facts)}."


def losses_by_rate(
    name: str,
    losses: Mapping[float, Sequence[float]],
    chosen: float,
    best_of_others: Mapping[str, float],
) -> tuple[Figure, str]:
    """The loss of every seed at each learning rate of one optimizer, one rate in colour, and lines
    at the best mean loss of the others.
    """
    figure, ax = new_figure(height=3.2)
    means = {rate: sum(values) / len(values) for rate, values in losses.items()}
    with style():
        for other, level in best_of_others.items():
            ax.axhline(level, color=GREY, linewidth=1, linestyle=":")
            ax.annotate(other, (1, level), xycoords=("axes fraction", "data"), fontsize=9)
        ax.plot(list(means), list(means.values()), color=GREY, linewidth=1)
        for rate, values in losses.items():
            colour, size = (VERMILLION, 8) if rate == chosen else (GREY, 5)
            ax.plot([rate] * len(values), list(values), "o", color=colour, markersize=size)
        ax.set(xscale="log", xlabel="learning rate", ylabel="loss on unread text")
        ax.set_xticks(list(losses), [f"{rate:g}" for rate in losses])
        ax.minorticks_off()
        ax.set_title(f"{name}, rate {chosen:g}: {means[chosen]:.2f}")
    return figure, (
        f"{name} with rate {chosen:g} ends at a loss of {means[chosen]:.2f}; with its best rate at "
        f"{min(means.values()):.2f}."
    )


def schedule_parts(
    parts: Mapping[str, Sequence[float]], product: Sequence[float]
) -> tuple[Figure, str]:
    """The factors of a schedule, and the learning rate that is their product."""
    figure, (left, right) = new_figure(height=2.5, columns=2)
    with style():
        for (name, values), line in zip(parts.items(), cycle(_LINES), strict=False):
            left.plot(values, linestyle=line, label=name)
        left.set(xlabel="step", ylabel="factor", ylim=(0, 1.1), title="two factors")
        left.legend(fontsize=9)
        right.plot(product, color=VERMILLION)
        right.set(xlabel="step", ylabel="learning rate", title="their product")
        right.set_ylim(0, 1.1 * max(product))
    peak = max(range(len(product)), key=product.__getitem__)
    return figure, (
        f"The learning rate begins at {product[0]:.2g}, is highest at step {peak} with "
        f"{product[peak]:.2g}, and ends at {product[-1]:.2g}."
    )


def kept_layers(n_layer: int, spacing: int, segment: int) -> tuple[Figure, str]:
    """Whose output is in memory while segment number `segment` (from 0) runs backward: what enters
    this segment and the earlier ones, and all layers of this one. The input is drawn as layer 0.
    """
    figure, ax = new_figure(height=1.5)
    first = segment * spacing
    ends = list(range(0, first + 1, spacing))  # the input, and the last layer of each segment
    inside = list(range(first + 1, min(first + spacing, n_layer) + 1))
    with style():
        ax.bar(range(n_layer + 1), 1, color="#e5e7eb", width=0.8)
        ax.bar(ends, 1, color=BLUE, width=0.8, label="kept")
        ax.bar(inside, 1, color=ORANGE, width=0.8, label="computed again")
        ax.set(xlabel="layer (0: the input)", ylim=(0, 1), xlim=(-1, n_layer + 1))
        ax.set_yticks([])
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9)
    return figure, (
        f"{n_layer} layers: every layer numbered with a multiple of {spacing} is kept up to layer "
        f"{first}, and the layers from {inside[0]} to {inside[-1]} are computed again."
    )
