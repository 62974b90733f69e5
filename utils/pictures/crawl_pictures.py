"""Pictures of how a crawl is cleaned: the funnel, signatures in bands, the curve of what bands catch,
and scores of languages.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, UInt64
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from utils.crawl.minhash import caught_by_bands
from utils.pictures.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    new_figure,
    style,
)

# In the order of made_up_web.WHAT: good text, copies, other languages, bad sites, not for readers.
_COLORS = (BLUE, SKY, ORANGE, PURPLE, VERMILLION)
_HATCHES = ("", "//", "..", "xx", "\\\\")


def funnel(left: Mapping[str, Mapping[str, int]]) -> tuple[Figure, str]:
    """How many pages of each class are left after each step: one bar a step, the first on top.

    left: by step, the count of each class; all steps have the same classes in the same order.
    """
    classes = list(next(iter(left.values())))
    fig, ax = new_figure(height=0.9 + 0.36 * len(left))
    with style():
        begin = np.zeros(len(left))
        for name, color, hatch in zip(classes, _COLORS, _HATCHES, strict=False):
            counts = np.array([found[name] for found in left.values()])
            ax.barh(
                range(len(left)),
                counts,
                0.75,
                begin,
                color=color,
                hatch=hatch,
                edgecolor="white",
                label=name,
            )
            begin += counts
        for place, total in enumerate(begin):
            ax.text(total, place, f" {total:.0f}", va="center", fontsize=10)
        ax.set_yticks(range(len(left)), list(left))
        ax.tick_params(axis="y", length=0)
        ax.invert_yaxis()
        ax.set_xlabel("pages left after the step")
        ax.margins(x=0.08)
        fig.legend(loc="outside upper center", ncols=3, fontsize=10)
    first, last = (
        found for place, found in enumerate(left.values()) if place in (0, len(left) - 1)
    )
    changes = "; ".join(f"{name} from {first[name]:g} to {last[name]:g}" for name in classes)
    return fig, f"Pages left after {len(left) - 1} steps: {changes}."


def signatures_in_bands(
    one: UInt64[np.ndarray, " hash"], other: UInt64[np.ndarray, " hash"], bands: int, rows: int
) -> tuple[Figure, str]:
    """Where two signatures are equal, a column for each band; bands that are equal in all rows are
    framed.
    """
    equal = (one == other)[: bands * rows].reshape(bands, rows).T  # (row, band)
    whole = equal.all(axis=0)
    fig, ax = new_figure(height=0.9 + 0.21 * rows)
    with style():
        for row in range(rows):
            for band in range(bands):
                color = BLUE if equal[row, band] else "#dddddd"
                ax.add_patch(_square(band, row, color))
        for framed in np.flatnonzero(whole):
            ax.add_patch(_frame(int(framed), rows))
        ax.set_xlim(-0.1, bands + 0.1)
        ax.set_ylim(rows + 0.1, -0.1)
        ax.set_xticks(np.arange(bands) + 0.5, [str(band + 1) for band in range(bands)])
        ax.set_yticks(np.arange(rows) + 0.5, [str(row + 1) for row in range(rows)])
        ax.tick_params(length=0)
        ax.set_xlabel("band (dark: the two signatures are equal there; framed: the whole band is)")
        ax.set_ylabel("row")
        for side in ax.spines.values():
            side.set_visible(False)
    return fig, (
        f"Two signatures in {bands} bands of {rows} rows: equal in {equal.mean():.0%} of the places, "
        f"and in all rows of {int(whole.sum())} bands."
    )


def _square(band: int, row: int, color: str) -> Rectangle:
    return Rectangle((band + 0.06, row + 0.06), 0.88, 0.88, color=color)


def _frame(band: int, rows: int) -> Rectangle:
    return Rectangle((band, 0), 1, rows, fill=False, edgecolor=VERMILLION, linewidth=2.5)


_BINS = np.linspace(0, 1, 11)


def caught_curve(
    similarities: Float[np.ndarray, " pair"],
    caught: Bool[np.ndarray, " pair"],
    bands: int,
    rows: int,
    alike: float,
) -> tuple[Figure, str]:
    """Which pairs were caught, by their similarity, beside the curve of what bands should catch.

    Dots are shares of measured pairs, a tenth of similarity each; the strips above and below have a
    line for each pair that was caught, and missed. `alike`: from which similarity on a pair should
    be caught; a line stands there.
    """
    fig, ax = new_figure(height=3.1)
    grid = np.linspace(0, 1, 201)
    curve = [caught_by_bands(float(similarity), bands, rows) for similarity in grid]
    with style():
        ax.plot(grid, curve, color=BLUE, label="1 − (1 − sʳ)ᵇ")
        for level, some, color in ((1.08, caught, GREEN), (-0.08, ~caught, VERMILLION)):
            ax.plot(
                similarities[some], np.full(some.sum(), level), "|", color=color, ms=9, alpha=0.5
            )
        middles, shares, sizes = _shares_in_bins(similarities, caught)
        ax.scatter(middles, shares, s=sizes, color=GREEN, zorder=3, label="share of pairs caught")
        ax.axvline(alike, color=GREY, linestyle=":", label=f"alike from {alike:g} on")
        ax.set_xlim(0, 1.02)
        ax.set_yticks([-0.08, 0, 0.5, 1, 1.08], ["missed", "0", "0.5", "1", "caught"])
        ax.set_xlabel("Jaccard similarity s of the pair")
        ax.set_ylabel("probability of being caught")
        ax.legend(loc="center left", fontsize=10)
        ax.set_title(f"b = {bands} bands of r = {rows} rows")
    there = similarities >= alike
    return fig, (
        f"{bands} bands of {rows} rows: the curve reaches one half at a similarity of "
        f"{grid[int(np.argmax(np.array(curve) >= 0.5))]:.2f}; of {int(there.sum())} pairs from {alike:g} "
        f"on {int((caught & there).sum())} are caught, and of {int((~there).sum())} others "
        f"{int((caught & ~there).sum())}."
    )


def _shares_in_bins(
    similarities: Float[np.ndarray, " pair"], caught: Bool[np.ndarray, " pair"]
) -> tuple[list[float], list[float], list[float]]:
    places = np.clip(np.digitize(similarities, _BINS) - 1, 0, len(_BINS) - 2)
    middles, shares, sizes = [], [], []
    for place in np.unique(places):
        inside = places == place
        middles.append(float(similarities[inside].mean()))
        shares.append(float(caught[inside].mean()))
        sizes.append(float(20 + 12 * np.log2(inside.sum())))
    return middles, shares, sizes


def score_by_share(
    shares: Sequence[float], scores: Mapping[str, Sequence[float]], threshold: float
) -> tuple[Figure, str]:
    """The score that identifiers give to texts of two languages, by the share of English words."""
    fig, ax = new_figure(height=3.0)
    with style():
        ax.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="if the score were the share")
        for (name, found), color, marker in zip(
            scores.items(), (BLUE, VERMILLION), "os", strict=False
        ):
            ax.plot(shares, found, color=color, marker=marker, markersize=5, label=name)
        ax.axhline(
            threshold, color=GREEN, linestyle="--", linewidth=1.2, label="stays from here on"
        )
        ax.set_xlabel("share of English words in the text (the rest is French)")
        ax.set_ylabel("score for English")
        fig.legend(loc="outside upper center", ncols=2, fontsize=10)
    said = "; ".join(
        f"{name} passes {threshold:g} at a share of "
        f"{next((s for s, one in zip(shares, found, strict=True) if one >= threshold), 1):.2f}"
        for name, found in scores.items()
    )
    return fig, f"Scores for English jump from 0 to 1: {said}."
