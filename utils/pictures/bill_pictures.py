"""The pictures of what training costs: products forwards and backwards, what waits for the way back,
memory while a step runs, and the bytes on one GPU.

Each function gives the figure and its words, for `show(*function(…))`.
"""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from utils.pictures.decoding_pictures import readable_bytes
from utils.pictures.figures import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    new_figure,
    style,
)

_GAP = 1.4  # between two matrices, in cells


def three_products(rows: int, inner: int, columns: int) -> tuple[Figure, str]:
    """A product of matrices and the two that its backward pass needs, as tables of empty cells."""
    products = (
        ("forward", ("X", rows, inner), ("W", inner, columns), ("Y", rows, columns)),
        ("gradient of W", ("Xᵀ", inner, rows), ("dY", rows, columns), ("dW", inner, columns)),
        ("gradient of X", ("dY", rows, columns), ("Wᵀ", columns, inner), ("dX", rows, inner)),
    )
    figure, axes = new_figure(height=1.8, columns=3)
    highest = max(rows, inner, columns)
    with style():
        for ax, (title, *matrices) in zip(axes, products, strict=True):
            widest = sum(n_columns for _, _, n_columns in matrices) + 2 * _GAP
            _one_product(ax, matrices)
            ax.set(xlim=(-0.1, widest + 0.1), ylim=(-highest / 2 - 1.6, highest / 2 + 0.2))
            ax.set(aspect="equal", title=title)
            ax.set_axis_off()
    alt = (
        f"Forward: X ({rows} by {inner}) times W ({inner} by {columns}) gives Y ({rows} by "
        f"{columns}). Backward there are two products: X transposed times dY gives dW, and dY "
        f"times W transposed gives dX. Each of the three needs {2 * rows * inner * columns} FLOPs."
    )
    return figure, alt


def attention_products(tokens: int, d_head: int) -> tuple[Figure, str]:
    """The two products of one head for one token that looks at `tokens` tokens: its scores, and the
    mixing of their values.
    """
    products = (
        ("scores", ("query", 1, d_head), ("keysᵀ", d_head, tokens), ("scores", 1, tokens)),
        ("mixing", ("pattern", 1, tokens), ("values", tokens, d_head), ("result", 1, d_head)),
    )
    figure, axes = new_figure(height=1.9, columns=2)
    highest = max(tokens, d_head)
    with style():
        for ax, (title, *matrices) in zip(axes, products, strict=True):
            widest = sum(n_columns for _, _, n_columns in matrices) + 2 * _GAP
            _one_product(ax, matrices)
            ax.set(xlim=(-0.6, widest + 0.6), ylim=(-highest / 2 - 1.6, highest / 2 + 0.2))
            ax.set(aspect="equal", title=title)
            ax.set_axis_off()
    alt = (
        f"One head, one token. Scores: its query (1 by {d_head}) times the keys of {tokens} tokens "
        f"({d_head} by {tokens}) gives 1 by {tokens}. Mixing: the pattern (1 by {tokens}) times "
        f"their values ({tokens} by {d_head}) gives 1 by {d_head}. Each needs "
        f"{2 * tokens * d_head} FLOPs."
    )
    return figure, alt


def _one_product(ax: Axes, matrices: Sequence[tuple[str, int, int]]) -> None:
    x, lowest = 0.0, -max(n_rows for _, n_rows, _ in matrices) / 2
    signs, colors = ("×", "=", ""), (SKY, SKY, ORANGE)
    for (name, n_rows, n_columns), sign, color in zip(matrices, signs, colors, strict=True):
        for row in range(n_rows):
            for column in range(n_columns):
                corner = (x + column, n_rows / 2 - row - 1)
                ax.add_patch(Rectangle(corner, 1, 1, facecolor=color, edgecolor=INK, linewidth=1))
        ax.text(x + n_columns / 2, lowest - 0.3, name, ha="center", va="top", fontsize=12)
        ax.text(x + n_columns + _GAP / 2, 0, sign, ha="center", va="center", fontsize=12)
        x += n_columns + _GAP


def flops_by_context(
    rule: Mapping[int, float],
    formula: Mapping[int, float],
    counts: Mapping[str, Mapping[int, float]],
) -> tuple[Figure, str]:
    """FLOPs of a training step for one token against the length of the text: the rule of thumb and
    the formula as lines, and what was counted as marks, a kind for each name in `counts`.
    """
    figure, ax = new_figure(height=2.8)
    looks = (("o", BLUE), ("x", VERMILLION))
    with style():
        for label, line, look in (("rule 6ND", rule, "--"), ("formula", formula, "-")):
            values = [flops / 1e6 for flops in line.values()]
            ax.plot(list(line), values, look, color=GREY, label=label)
        for (label, counted), (mark, color) in zip(counts.items(), looks, strict=False):
            values = [flops / 1e6 for flops in counted.values()]
            ax.plot(list(counted), values, mark, color=color, markersize=8, label=label)
        ax.set(xlabel="tokens in a text", ylabel="million FLOPs\nfor a token")
        ax.set_ylim(0, 1.1 * max(formula.values()) / 1e6)
        ax.legend()
    longest = max(formula)
    said = "; ".join(f"{label} {line[longest] / 1e6:.2f}" for label, line in counts.items())
    alt = (
        f"Million FLOPs for a token of a text of {longest} tokens: rule {rule[longest] / 1e6:.2f}; "
        f"formula {formula[longest] / 1e6:.2f}; {said}."
    )
    return figure, alt


# What a block of GPT keeps, in units of d_model: for whom, and how much.
_KEPT = (
    ("norm reads", 1, SKY),
    ("products of\nq, k, v read", 1, BLUE),
    ("attention reads\nq, k and v", 3, ORANGE),
    ("output\nreads", 1, BLUE),
    ("norm\nreads", 1, SKY),
    ("up\nreads", 1, BLUE),
    ("GELU reads", 4, GREEN),
    ("down reads", 4, BLUE),
)


def kept_in_a_block() -> tuple[Figure, str]:
    """What one block of GPT keeps for the backward pass, in the order in which it is made, each as
    wide as it is long.
    """
    figure, ax = new_figure(height=2.6)
    x = 0
    with style():
        for place, (words, size, color) in enumerate(_KEPT):
            ax.add_patch(Rectangle((x, 0), size, 1, facecolor=color, edgecolor=INK))
            ink = "white" if color in (BLUE, GREEN) else INK
            ax.text(x + size / 2, 0.5, str(size), ha="center", va="center", color=ink)
            level = -0.25 if place % 2 else 1.25
            ax.plot([x + size / 2] * 2, [0 if place % 2 else 1, level], color=GREY, linewidth=1)
            ax.text(
                x + size / 2,
                level,
                words,
                ha="center",
                va="top" if place % 2 else "bottom",
                fontsize=9.5,
            )
            x += size
        ax.set(xlim=(-0.9, x + 0.2), ylim=(-1.2, 2.2))
        ax.set_axis_off()
    said = ", ".join(f"{' '.join(words.split())} {size}" for words, size, _ in _KEPT)
    return figure, f"Kept in one block, in units of d_model: {said}; together {x}."


def memory_over_a_step(
    lines: Mapping[str, Mapping[str, Sequence[int]]],
) -> tuple[Figure, str]:
    """The bytes in use after each operation of a training step: a picture for each model, in it a
    line for each way of keeping activations.
    """
    figure, _ = new_figure(height=3.2, columns=len(lines))
    said = []
    with style():
        for ax, (model, ways) in zip(figure.axes, lines.items(), strict=True):
            largest = max(max(line) for line in ways.values())
            unit, name = (1e9, "GB") if largest > 1e9 else (1e6, "MB")
            for (way, line), color, look in zip(ways.items(), _COLORS, ("-", "--"), strict=False):
                share = [100 * place / (len(line) - 1) for place in range(len(line))]
                ax.plot(
                    share, [n / unit for n in line], look, color=color, linewidth=1.5, label=way
                )
                said.append(f"{model}, {way}: at most {readable_bytes(max(line))}")
            ax.set(xlabel="operations done (%)", ylabel=f"{name} in use", title=model)
            ax.set_ylim(0, 1.1 * largest / unit)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(handles))
    return figure, "; ".join(said) + ". The line rises forwards and falls backwards."


_COLORS = (BLUE, VERMILLION)


_PARTS = {
    "weights": (BLUE, ""),
    "gradients": (ORANGE, "//"),
    "optimizer": (GREEN, ".."),
    "activations": (PURPLE, "xx"),
}


def bytes_on_each_gpu(
    ways: Mapping[str, Mapping[str, float | int]], memory: float | int, title: str = ""
) -> tuple[Figure, str]:
    """A stacked bar for each of `ways`, which has the bytes of its weights, gradients, optimizer
    and activations; and a line where the memory of a GPU ends.

    A bar that does not fit says so in words and gets a thick edge.
    """
    figure, ax = new_figure(height=1.5 + 0.55 * len(ways))
    said, widest = [], max(*(sum(parts.values()) for parts in ways.values()), memory)
    with style():
        for place, (way, parts) in enumerate(ways.items()):
            total, left = sum(parts.values()), 0.0
            for part, size in parts.items():
                color, hatch = _PARTS[part]
                label = part if place == 0 else None
                ax.barh(place, size / 1e9, 0.6, left / 1e9, color=color, hatch=hatch, label=label)
                left += size
            fits = total <= memory
            words = readable_bytes(total) + ("" if fits else ": too much")
            color, weight = (INK, "normal") if fits else (VERMILLION, "bold")
            beside = max(memory, total)  # right of the dashed line
            ax.text(
                (beside + 0.01 * widest) / 1e9,
                place,
                words,
                va="center",
                color=color,
                fontweight=weight,
            )
            of_it = ", ".join(f"{part} {readable_bytes(size)}" for part, size in parts.items())
            said.append(f"{way} {words} ({of_it})")
        ax.axvline(memory / 1e9, color=BLACK, linestyle="--", linewidth=1.5)
        ax.set_yticks(range(len(ways)), list(ways))
        ax.invert_yaxis()
        ax.set(xlim=(0, 1.45 * widest / 1e9), title=title)
        ax.set_xlabel(f"GB on each GPU (dashed: its memory, {memory / 1e9:.0f} GB)")
        figure.legend(loc="outside lower center", ncols=len(_PARTS))
    return figure, f"{title}. On each GPU of {readable_bytes(memory)}: {'; '.join(said)}."
