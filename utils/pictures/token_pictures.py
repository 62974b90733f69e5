"""Pictures of tokens: pieces in boxes, a word that grows together, lengths against merges, and the
vectors that nobody trained.
"""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor

from utils.pictures.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    VERMILLION,
    new_figure,
    show,
    style,
    visible,
)
from utils.pictures.html_panels import FONT, PAPER, show_html
from utils.text.tokenizer import Tokenizer

# Light papers for dark ink, in turn; each piece has an edge too, so that no colour is needed.
_PAPERS = ("#dbeafe", "#fdebc8", "#d5f0e3", "#f5dcea")
_DASHES = ("-", "--", "-.", ":")


def readable_pieces(tok: Tokenizer, text: str) -> list[str]:
    r"""The text of each token; bytes that are no whole character are written as \xc3."""
    return [_readable(tok.token_bytes(id)) for id in tok.encode(text)]


def _readable(token: bytes) -> str:
    return token.decode("utf-8", "backslashreplace")


def _with_signs(piece: str) -> str:
    """White space as signs. A page has fonts for other characters, so they stay as they are."""
    signs = {" ": "␣", "\n": "⏎", "\r": "\\r", "\t": "⇥"}
    return "".join(signs.get(character, character) for character in piece)


def pieces_html(pieces: Sequence[str]) -> str:
    """Tokens as boxes that wrap like a text; a space inside a piece shows as ␣."""
    boxes = []
    for place, piece in enumerate(pieces):
        look = (
            f"background:{_PAPERS[place % len(_PAPERS)]};color:{INK};border:1px solid {GREY};"
            "border-radius:4px;padding:1px 3px;margin:1px 1px;display:inline-block;"
            "font-family:monospace;font-size:14px;white-space:pre"
        )
        boxes.append(f'<span style="{look}">{escape(_with_signs(piece))}</span>')
    return "".join(boxes)


def rows_of_pieces(rows: Mapping[str, Sequence[str]]) -> str:
    """A block for each row: its heading with the number of its tokens, and the boxes below it."""
    blocks = []
    for heading, pieces in rows.items():
        count = f"{len(pieces)} token{'' if len(pieces) == 1 else 's'}"
        blocks.append(
            f'<div style="margin:6px 0"><div><b>{escape(heading)}</b>: {count}</div>'
            f"<div>{pieces_html(pieces)}</div></div>"
        )
    look = f"background:{PAPER};color:{INK};{FONT};padding:4px 8px;max-width:680px"
    return f'<div class="glass-box-pieces" style="{look}">{"".join(blocks)}</div>'


def show_pieces(rows: Mapping[str, Sequence[str]]) -> None:
    """Show tokens as boxes, a row for each tokenizer or text."""
    text = "\n".join(
        f"{heading}: {len(pieces)} tokens: {' | '.join(map(visible, pieces))}"
        for heading, pieces in rows.items()
    )
    show_html(rows_of_pieces(rows), text)


def merge_ladder(rows: Sequence[tuple[str, Sequence[Sequence[bytes]]]]) -> None:
    """Words that grow together, from single bytes at the top to tokens at the bottom: a row for
    each merge, in which what was new made stands out.

    rows: for each row its label, and its words, and of each word the tokens.
    """
    shown = [
        (label, [[_readable(token) for token in word] for word in words]) for label, words in rows
    ]
    figure, ax = new_figure(height=0.4 + 0.42 * len(shown))
    longest = max(sum(_width(piece) for word in words for piece in word) for _, words in shown)
    before: set[str] = set()
    with style():
        for down, (label, words) in enumerate(shown):
            x = 0.0
            for word in words:
                for piece in word:
                    _box(
                        ax, x + _width(piece) / 2, -down, piece, bool(down) and piece not in before
                    )
                    x += _width(piece)
                x += 1.0
            before = {piece for word in words for piece in word} | before
            ax.text(-0.8, -down, label, ha="right", va="center", fontsize=10, parse_math=False)
        right = longest + len(shown[0][1]) - 1
        ax.set(xlim=(-0.36 * right, right + 0.2), ylim=(-len(shown) + 0.4, 0.6))
        ax.set_axis_off()
    last = " ".join("|".join(map(visible, word)) for word in shown[-1][1])
    show(
        figure,
        alt=f"Words in single bytes, and a row for each merge: {', '.join(row[0] for row in shown)}. "
        f"In the end: {last}",
    )


def _width(piece: str) -> float:
    """Of a piece's box, in letters: the edges of a box take some room, too."""
    return len(piece) + 0.6


def _box(ax: Axes, x: float, y: float | int, piece: str, new: bool) -> None:
    look = {
        "boxstyle": "round,pad=0.2",
        "facecolor": "#fdebc8" if new else "white",
        "edgecolor": VERMILLION if new else GREY,
        "linewidth": 1.8 if new else 0.9,
    }
    ax.text(
        x,
        y,
        visible(piece),
        ha="center",
        va="center",
        bbox=look,
        fontfamily="DejaVu Sans Mono",
        fontweight="bold" if new else "normal",
        fontsize=10,
        parse_math=False,
    )


def length_curves(
    merges: Sequence[int],
    bytes_per_token: Mapping[str, Sequence[float]],
    others: Mapping[str, float],
) -> None:
    """How long a token is, against the number of merges: a curve for each language.

    others: for the same languages another tokenizer's bytes per token, drawn as a line across.
    """
    figure, ax = new_figure(height=3.4)
    colors = (BLUE, VERMILLION, GREEN)
    with style():
        for (name, values), color, dash in zip(
            bytes_per_token.items(), colors, _DASHES, strict=False
        ):
            ax.plot(merges, values, color=color, linestyle=dash, marker="o", markersize=4)
            ax.annotate(
                name, (merges[-1], values[-1]), (6, 0), textcoords="offset points", va="center"
            )
            if name in others:
                ax.axhline(others[name], color=color, linestyle=dash, linewidth=1)
        for name, value in others.items():
            ax.annotate(f"SmolLM2, {name}", (merges[0], value), (2, 3), textcoords="offset points")
        ax.set(xlabel="merges", ylabel="bytes per token", ylim=(0.8, None))
        ax.margins(y=0.12)
        ax.set_xscale("symlog", linthresh=10)
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.margins(x=0.02)
        ax.set_xlim(right=merges[-1] * 2.6)
    ends = ", ".join(f"{name} {values[-1]:.2f}" for name, values in bytes_per_token.items())
    there = ", ".join(f"{name} {value:.2f}" for name, value in others.items())
    show(
        figure,
        alt=f"Bytes per token rise with the number of merges, steeply at first and then more "
        f"slowly; after {merges[-1]:,} merges: {ends}. SmolLM2 has {there}",
    )


def distances_from_unused(distances: Float[Tensor, " vocab"], unused: str, border: float) -> None:
    """A histogram of how far each token's vector is from that of a token nobody used, called
    `unused`. Both axes are logarithmic, or the few that are near would not be seen.

    distances: of all tokens that plain text can become. border: a line is drawn here.
    """
    figure, ax = new_figure(height=3.4)
    values = distances.clamp(min=1e-3).tolist()
    edges = np.geomspace(1e-3, max(values) * 1.01, 60)
    with style():
        ax.hist(values, bins=edges, color=BLUE)
        ax.set(xscale="log", yscale="log", ylim=(0.7, 3e5))
        ax.set(xlabel=f"distance from the vector of {unused}", ylabel="tokens")
        ax.axvline(border, color=GREY, linestyle="--")
    near = int((distances < border).sum())
    show(
        figure,
        alt=f"A histogram on logarithmic axes: {near} tokens lie nearer than {border:g} to the "
        f"vector of {unused}, scattered to the left; {len(values) - near:,} "
        "lie in one hill to the right",
    )
