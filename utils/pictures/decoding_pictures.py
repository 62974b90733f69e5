"""The pictures of decoding: what a temperature does, what more samples bring, what a cache saves
and what it takes.

Each function takes what was measured, and gives the figure and its words, for
`show(*function(…))`.
"""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from utils.pictures.figures import VERMILLION, new_figure, style


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
