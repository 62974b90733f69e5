"""Pictures of compression: how a row of words narrows an interval, what a text costs token by
token, and what compressors make of it.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from utils.pictures.figures import GREY, PALETTE, VERMILLION, new_figure, style
from utils.pictures.html_panels import panel

_TINTS = ("#d9e8f2", "#f7e3d4", "#d6efe6", "#ececec")  # pale, so that words on them are read well
_MOST_BITS = 12.0  # from here on the tint does not get stronger
_HEIGHT = 0.8  # inches a row


def interval_rows(shares: Mapping[str, float], row: Sequence[str]) -> tuple[Figure, str]:
    """The interval from 0 to 1, cut by the shares of the words, and the part of each word of `row`
    drawn again as wide as the page. Raises ValueError for a word that has no share.
    """
    figure, ax = new_figure(height=_HEIGHT * (len(row) + 1) + 0.5)
    low, width = 0.0, 1.0
    ends = [(low, low + width)]
    with style():
        for depth, word in enumerate([*row, ""]):
            _draw_shares(ax, shares, -depth, chosen=word)
            ax.text(-0.01, -depth + 0.02, f"{low:.4g}", ha="right", va="center", fontsize=9)
            ax.text(1.01, -depth + 0.02, f"{low + width:.4g}", va="center", fontsize=9)
            if word:
                begin, share = _begin_of(shares, word), shares[word]
                _draw_zoom(ax, begin, share, -depth)
                low, width = low + width * begin, width * share
                ends.append((low, low + width))
        ax.set(xlim=(-0.12, 1.12), ylim=(-len(row) - 0.4, 0.4))
        ax.set_axis_off()
    said = ", then ".join(
        f"{word}: {low:.4g} to {high:.4g}" for word, (low, high) in zip(row, ends[1:], strict=True)
    )
    return figure, f"An interval from 0 to 1 that each word narrows. {said}."


def _begin_of(shares: Mapping[str, float], word: str) -> float:
    if word not in shares:
        raise ValueError(f"{word!r} has no share; take words of {', '.join(shares)}.")
    names = list(shares)
    return sum(shares[name] for name in names[: names.index(word)])


def _draw_shares(ax: Axes, shares: Mapping[str, float], y: float | int, chosen: str) -> None:
    begin = 0.0
    for number, (word, share) in enumerate(shares.items()):
        look: dict[str, Any] = {
            "facecolor": _TINTS[number % len(_TINTS)],
            "edgecolor": GREY,
            "linewidth": 0.8,
        }
        if word == chosen:
            look |= {"edgecolor": VERMILLION, "linewidth": 2.4, "zorder": 2}
        ax.add_patch(Rectangle((begin, y - 0.22), share, 0.44, **look))
        weight = "bold" if word == chosen else "normal"
        ax.text(begin + share / 2, y, word, ha="center", va="center", fontsize=10, weight=weight)
        begin += share


def _draw_zoom(ax: Axes, begin: float, share: float, y: float | int) -> None:
    """The part that is drawn again below."""
    corners = [(begin, y - 0.22), (begin + share, y - 0.22), (1, y - 0.78), (0, y - 0.78)]
    ax.add_patch(Polygon(corners, facecolor=VERMILLION, alpha=0.12, linewidth=0))


def coloured_bits(pieces: Sequence[str], bits: Sequence[float]) -> str:
    """A text as HTML: each token on a tint, the stronger the more bits it takes, with the number of
    bits below it. Raises ValueError if there are not as many numbers as tokens.
    """
    if len(pieces) != len(bits):
        raise ValueError(
            f"there are {len(pieces)} tokens and {len(bits)} numbers of bits: give one for each."
        )
    tokens = "".join(_token(piece, cost) for piece, cost in zip(pieces, bits, strict=True))
    return panel(f'<div style="line-height:2.6">{tokens}</div>', "plain", "Bits of each token")


def _token(piece: str, bits: float) -> str:
    strength = min(max(bits, 0.0), _MOST_BITS) / _MOST_BITS
    shown = escape(piece).replace(" ", "\u00a0").replace("\n", "⏎").replace("\t", "⇥") or "·"
    look = (
        f"display:inline-block;line-height:1.2;text-align:center;padding:1px;margin:0 1px;"
        f"background:rgba(213,94,0,{0.75 * strength:.2f});border-bottom:1px solid currentColor"
    )
    end = "<br>" if "\n" in piece else ""
    number = f'<span style="display:block;font-size:12px">{bits:.0f}</span>'
    return f'<span style="{look}">{shown}{number}</span><wbr>{end}'


def size_bars(sizes: Mapping[str, Mapping[str, float | int]], unit: str) -> tuple[Figure, str]:
    """For each text the sizes that several compressors make of it, as horizontal bars."""
    names = list(next(iter(sizes.values())))
    figure, ax = new_figure(height=0.22 * len(sizes) * (len(names) + 1) + 0.9)
    height = 0.8 / len(names)
    with style():
        for number, name in enumerate(names):
            places = np.arange(len(sizes)) + (number - (len(names) - 1) / 2) * height
            lengths = [each[name] for each in sizes.values()]
            drawn = ax.barh(places, lengths, height, label=name, color=PALETTE[number])
            ax.bar_label(drawn, [f"{one:.0f}" for one in lengths], padding=2, fontsize=9)
        ax.set_yticks(range(len(sizes)), list(sizes))
        ax.invert_yaxis()
        ax.margins(x=0.1)
        ax.set_xlabel(unit)
        figure.legend(loc="outside upper left", ncols=len(names), fontsize=10)
    said = "; ".join(
        f"{text}: " + ", ".join(f"{name} {one:.0f}" for name, one in each.items())
        for text, each in sizes.items()
    )
    return figure, f"Sizes in {unit}. {said}."


def shares_by(
    x: Sequence[float | int],
    groups: Mapping[str, Sequence[Sequence[float]]],
    xlabel: str,
    ylabel: str,
    xscale: str = "log",
) -> tuple[Figure, str]:
    """Shares in per cent: a line through the means of each group, with two standard errors either
    way, and a dot for each seed.

    groups: for each name and each place of `x` a number for each seed. xscale: "log" or "linear".
    """
    figure, ax = new_figure(height=3.4)
    said = []
    with style():
        for number, (name, seeds) in enumerate(groups.items()):
            found = [100 * np.array(one) for one in seeds]
            means = [float(one.mean()) for one in found]
            errors = [2 * float(one.std(ddof=1)) / len(one) ** 0.5 for one in found]
            look = {"color": PALETTE[number], "linestyle": ("-", "--", ":", "-.")[number % 4]}
            ax.errorbar(x, means, errors, marker="o", markersize=4, capsize=3, label=name, **look)
            for place, one in zip(x, found, strict=True):
                ax.plot([place] * len(one), one, ".", color=PALETTE[number], alpha=0.35)
            each = zip(x, means, strict=True)
            said.append(name + ": " + ", ".join(f"{mean:.0f} at {at:g}" for at, mean in each))
        ax.set(xscale=xscale, xlabel=xlabel, ylabel=ylabel, ylim=(-4, 104))
        ax.set_xticks(list(x), [f"{one:g}" for one in x])
        ax.minorticks_off()
        figure.legend(loc="outside upper left", ncols=len(groups), fontsize=10)
    return figure, f"{ylabel}, by {xlabel}. {'; '.join(said)}."
