"""Pictures of what may come next: bars for prompts and temperatures, and the line of a dart."""

from collections.abc import Callable, Mapping

from matplotlib.patches import Rectangle

from utils.model.config import GPTConfig
from utils.pictures.figures import INK, SKY, bars, new_figure, show, visible

Chart = Mapping[str, float]  # tokens with their probabilities, the likeliest first
_TICKS = [0, 0.5, 1]
_ARROW = {"arrowstyle": "->", "color": INK}


def next_token_charts(likeliest: Mapping[str, Chart], expected: Mapping[str, str]) -> None:
    """One chart for each prompt, two in a row; the bar of the token that is expected stands out.

    likeliest: for each prompt its likeliest tokens. expected: for each prompt a token, which need
    not be among them.
    """
    rows = (len(likeliest) + 1) // 2
    figure, axes = new_figure(height=2 * rows, rows=rows, columns=2)
    for ax, (prompt, chart) in zip(axes.flat, likeliest.items(), strict=False):
        tokens, wanted = list(chart), expected[prompt]
        highlight = tokens.index(wanted) if wanted in tokens else None
        title = f"{_short(prompt)}…\nthe documents: {wanted.strip()}"
        bars(tokens, list(chart.values()), title=title, xlabel="", highlight=highlight, ax=ax)
        ax.set(xlim=(0, 1.25), xticks=_TICKS)
    for ax in axes.flat[len(likeliest) :]:
        ax.set_axis_off()
    figure.supxlabel("probability")
    first = [prompt for prompt, chart in likeliest.items() if next(iter(chart)) == expected[prompt]]
    names = "; ".join(first) or "none"
    show(
        figure,
        alt=f"{len(likeliest)} bar charts, one for each prompt. What the documents expect is the "
        f"likeliest in {len(first)} of them: {names}",
    )


def _short(prompt: str) -> str:
    """The end of a long prompt, from a whole word on."""
    return prompt if len(prompt) < 27 else "…" + prompt[-22:].split(" ", 1)[1]


def dart_board(probabilities: Chart, dart: float) -> None:
    """Candidates side by side on a line from 0 to 1, each as wide as it is probable, and a dart.

    The words for who cannot see it give the edges, and leave it to them where the dart lands.
    """
    figure, ax = new_figure(height=1.6)
    left, edges = 0.0, []
    for word, p in probabilities.items():
        ax.barh(0, p, left=left, color=SKY, edgecolor="white", linewidth=3, height=0.5)
        upright = 90 if p < 0.05 else 0
        ax.text(left + p / 2, 0, word, ha="center", va="center", rotation=upright)
        left += p
        edges.append(f"{word} up to {left:.2f}")
    ax.axvline(dart, color="black")
    ax.annotate("dart", (dart, 0.32), ha="center", annotation_clip=False)
    ax.set(yticks=[], xlim=(0, 1))
    show(figure, alt=f"A line from 0 to 1 in stretches: {', '.join(edges)}. A dart at {dart}.")


def from_text_to_token(text: str, pieces_of: Callable[[str], list[str]], config: GPTConfig) -> None:
    """The way of a text through a model, a box for each stage with its shape, and the way back.

    pieces_of: the tokenizer's function from a text to its pieces.
    """
    pieces = pieces_of(text)
    length, vocab = len(pieces), f"{config.vocab_size:,}"
    stages = [
        ("tokenizer", " | ".join(visible(piece) for piece in pieces)),
        ("embedding", f"{length} tokens: {length} vectors of {config.d_model} numbers"),
        (f"{config.n_layer} blocks", f"each changes all {length} vectors"),
        ("dot products", f"{length} × {vocab} scores (logits)"),
        ("softmax", f"of the last row: {vocab} probabilities, together 1"),
        ("choice", "one token, which is appended to the text"),
    ]
    figure, ax = new_figure(height=3.6)
    for row, (stage, result) in enumerate(stages):
        ax.add_patch(Rectangle((0, row + 0.15), 2.2, 0.7, facecolor=SKY))
        ax.text(1.1, row + 0.5, stage, ha="center", va="center")
        ax.text(2.5, row + 0.5, result, va="center", parse_math=False)
        if row:
            ax.annotate("", (1.1, row + 0.15), (1.1, row - 0.15), arrowprops=_ARROW)
    back = _ARROW | {"connectionstyle": "bar,fraction=-0.12,angle=90"}
    ax.annotate("", (0, 0.5), (0, len(stages) - 0.5), arrowprops=back)
    ax.set(xlim=(-1, 9), ylim=(len(stages), 0))
    ax.set_axis_off()
    order = "; ".join(f"{stage}: {result}" for stage, result in stages)
    show(figure, alt=f"From a text to the next token and back. {order}.")


def temperature_charts(charts: Mapping[str, Mapping[float, Chart]]) -> None:
    """A row of charts for each prompt, one chart for each temperature."""
    temperatures = list(next(iter(charts.values())))
    size = {"rows": len(charts), "columns": len(temperatures)}
    figure, axes = new_figure(height=2.3 * len(charts), **size)
    grid = axes.reshape(len(charts), len(temperatures))
    for row, (prompt, by_temperature) in zip(grid, charts.items(), strict=True):
        for ax, (temperature, chart) in zip(row, by_temperature.items(), strict=True):
            title = f"T = {temperature}"
            bars(list(chart), list(chart.values()), title=title, xlabel="", ax=ax)
            ax.set(xlim=(0, 1.5), xticks=_TICKS)
        row[0].set_ylabel(f"{prompt[:11].strip()}…" if len(prompt) > 16 else prompt)
    figure.supxlabel("probability")
    show(
        figure,
        alt=_in_words(charts),
        caption="; ".join(f"Row {n}: {p} …" for n, p in enumerate(charts, 1)),
    )


def _in_words(charts: Mapping[str, Mapping[float, Chart]]) -> str:
    """For each prompt what its first candidate gets at each temperature."""
    rows = []
    for prompt, by_temperature in charts.items():
        gets = (
            f"{next(iter(c.values())):.2f} at temperature {t}" for t, c in by_temperature.items()
        )
        rows.append(f"After {prompt!r} the favourite gets {', '.join(gets)}")
    return ". ".join(rows) + ". Cold sharpens, hot flattens."
