"""The pictures of decoding: what a temperature does, what more samples bring, what a cache saves
and what it takes.

Each function takes what was measured, and gives the figure and its words, for
`show(*function(…))`.
"""

from collections.abc import Mapping, Sequence

from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, INK, VERMILLION, new_figure, style, visible
from utils.pictures.heat_maps import Look

_BEFORE = {"facecolor": "none", "edgecolor": INK}
_HATCHED = Look(facecolor="none", edgecolor="#a8a8a8", hatch="////", linewidth=1)


def temperature_curves(
    entropies: Mapping[float, float], sizes: Mapping[float, int]
) -> tuple[Figure, str]:
    """Against the temperature: the entropy in bits, and how many tokens hold 90 % (on a log scale).

    Both are mappings from temperature to what was measured there.
    """
    figure, (left, right) = new_figure(height=2.8, columns=2)
    with style():
        left.plot(list(entropies), list(entropies.values()), "o-")
        left.set(xlabel="temperature", ylabel="entropy (bits)")
        right.plot(list(sizes), list(sizes.values()), "o-", color=VERMILLION)
        right.set(xlabel="temperature", ylabel="tokens that hold 90 %", yscale="log")
        ticks = [10**power for power in range(len(str(max(sizes.values()))) + 1)]
        right.set_yticks(ticks, [f"{tick:,}" for tick in ticks])
        right.minorticks_off()
    coldest, hottest = min(entropies), max(entropies)
    alt = (
        f"From temperature {coldest:g} to {hottest:g} the entropy goes from "
        f"{entropies[coldest]:.1f} to {entropies[hottest]:.1f} bits, and the number of tokens that "
        f"hold 90 percent from {sizes[coldest]:,} to {sizes[hottest]:,}."
    )
    return figure, alt


def cut_tail(
    likeliest: Sequence[str], whole: Float[Tensor, " vocab"], sampled: Float[Tensor, " vocab"]
) -> tuple[Figure, str]:
    """What a sampler leaves of a distribution: the likeliest tokens as bars, and all of them by
    rank.

    likeliest: the pieces of the first tokens. whole: probabilities before anything is cut off.
    sampled: after, 0 for what is gone; what is left gains, so that it sums to 1 again.
    """
    ranked, order = whole.sort(descending=True, stable=True)
    after = sampled[order]
    n_kept, held = int((after > 0).sum()), float(ranked[after > 0].sum())
    figure, (left, right) = new_figure(height=3.3, columns=2)
    n, rank = len(likeliest), range(1, len(ranked) + 1)
    with style():
        figure.suptitle(f"{n_kept:,} of {len(ranked):,} tokens left; they had {held:.1%}")
        left.barh(range(n), after[:n].tolist(), color=BLUE, height=0.8)
        left.barh(range(n), ranked[:n].tolist(), height=0.4, **_BEFORE)
        left.set_yticks(range(n), [visible(piece) for piece in likeliest], parse_math=False)
        left.set(xlabel="probability")
        left.locator_params(axis="x", nbins=4)
        left.invert_yaxis()
        right.plot(rank, ranked.tolist(), "--", color=GREY, label="before the cut")
        right.plot(rank[:n_kept], after[:n_kept].tolist(), color=BLUE, label="after it")
        right.axvspan(n_kept + 0.5, len(ranked) + 0.5, label="cut off", **_HATCHED)
        right.set(xscale="log", yscale="log", xlabel="rank of the token", ylim=(1e-9, 2))
        right.legend(loc="lower left", frameon=True, framealpha=1, edgecolor="none")
    pairs = zip(likeliest[:3], after[:3].tolist(), strict=False)
    alt = (
        f"{n_kept:,} of {len(ranked):,} tokens are left; they had {held:.1%} of the probability. "
        f"The likeliest are drawn with {', '.join(f'{visible(one)} {p:.3f}' for one, p in pairs)}."
    )
    return figure, alt


def more_samples(tries: Sequence[int], solved: Sequence[float]) -> tuple[Figure, str]:
    """The share of tasks that is solved (0 to 1) against how many samples each of them gets."""
    figure, ax = new_figure(height=2.4)
    with style():
        ax.plot(tries, solved, "o-")
        ax.set(xlabel="samples for each sum", ylabel="share solved", xscale="log", ylim=(0, 1))
        ax.set_xticks(tries, tries)
        ax.minorticks_off()
    alt = (
        f"With {tries[0]} sample {solved[0]:.0%} of the sums are solved, with {tries[-1]} samples "
        f"{solved[-1]:.0%}, if a checker picks the right one."
    )
    return figure, alt


def work_per_token(
    without_cache: Mapping[int, int], with_cache: Mapping[int, int]
) -> tuple[Figure, str]:
    """Multiplications for one more token against the length of the text, without and with a cache.

    Both are mappings from the length in tokens to a number of multiplications.
    """
    figure, ax = new_figure(height=2.8)
    curves = {
        "without cache: read everything again": ("s--", without_cache),
        "with cache: one position": ("o-", with_cache),
    }
    with style():
        for label, (look, work) in curves.items():
            ax.plot(list(work), [count / 1e9 for count in work.values()], look, label=label)
        ax.set(
            xlabel="length of the text (tokens)",
            ylabel="billion multiplications\nfor a token",
            ylim=(0, None),
        )
        ax.legend()
    shortest, longest = min(with_cache), max(with_cache)
    alt = (
        f"From {shortest} to {longest} tokens the work for one more token grows by a factor of "
        f"{without_cache[longest] / without_cache[shortest]:.1f} without a cache, and of "
        f"{with_cache[longest] / with_cache[shortest]:.2f} with one."
    )
    return figure, alt


def what_is_computed(steps: int) -> tuple[Figure, str]:
    """Two triangles: which positions each of the first `steps` tokens computes, without a cache and
    with one.
    """
    figure, axes = new_figure(height=2.9, columns=2)
    with style():
        for ax, name, first in zip(axes, ("without cache", "with cache"), (0, 1), strict=True):
            for step in range(steps):
                for place in range(step + 1):
                    is_new = not first or place == step
                    square = Rectangle((place, step), 0.9, 0.9, **_HATCHED)
                    if is_new:
                        square.set(facecolor=BLUE, edgecolor=BLUE, hatch=None)
                    ax.add_patch(square)
            ax.set(xlim=(-0.1, steps), ylim=(steps, -0.1), title=name, aspect="equal")
            ax.set(xlabel="position", ylabel="step", xticks=[], yticks=[])
        named = [
            Rectangle((0, 0), 1, 1, facecolor=BLUE, label="goes through the model"),
            Rectangle((0, 0), 1, 1, **_HATCHED, label="keys and values are kept"),
        ]
        figure.legend(handles=named, loc="outside lower center", ncols=2)
    computed = steps * (steps + 1) // 2
    alt = (
        f"In {steps} steps {computed} positions go through the model without a cache, a triangle; "
        f"with a cache {steps}, its diagonal, and the keys and values of the others are kept."
    )
    return figure, alt


def cache_memory(
    title: str, shared_bytes: float | int, unshared_bytes: float | int, note: str = ""
) -> tuple[Figure, str]:
    """Two bars: what a cache takes with a model's key/value heads, and with one for every query
    head.

    note: what is to be known besides, written under the bars.
    """
    figure, ax = new_figure(height=2.1)
    sizes = {
        "without sharing": unshared_bytes,
        "with sharing": shared_bytes,
    }
    words = [readable_bytes(size) for size in sizes.values()]
    with style():
        drawn = ax.barh(list(sizes), [size / 1e9 for size in sizes.values()])
        ax.bar_label(drawn, words, padding=3)
        ax.margins(x=0.2)
        ax.set_title(title)
        ax.set_xlabel(f"GB of cache. {note}".strip())
    alt = (
        f"{title}: the cache takes {words[1]}; with as many key/value heads as heads {words[0]}. "
        f"{note}"
    )
    return figure, alt.strip()


def readable_bytes(size: float | int) -> str:
    """A number of bytes in kB, MB, GB or TB, with three digits: 3.22 GB."""
    units = ("kB", "MB", "GB", "TB")
    place = next((i for i in range(len(units)) if size < 999.5 * 1000 ** (i + 1)), len(units) - 1)
    value = size / 1000 ** (place + 1)
    return f"{value:,.0f} {units[place]}" if value >= 100 else f"{value:.3g} {units[place]}"
