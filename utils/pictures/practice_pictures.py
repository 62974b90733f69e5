"""Pictures of practice: what a group of replies earns, and what becomes of the replies step by step."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle

from matplotlib.figure import Figure

from utils.pictures.figures import GREEN, GREY, VERMILLION, new_figure, style
from utils.pictures.html_panels import panel
from utils.pictures.rlhf_pictures import OverSeeds

# lines that can be told apart without colour, too
_LINES = ("-", "--", "-.", ":")
Curves = Mapping[str, OverSeeds]


def practice_figure(panels: Mapping[str, Curves], marked: float | int | None = None) -> Figure:
    """A panel for each title: curves against the step, with a band of two standard errors where
    there are seeds. `marked`: a step with a dotted line.
    """
    fig, axes = new_figure(height=2.8, columns=len(panels))
    with style():
        for ax, (title, curves) in zip(axes, panels.items(), strict=True):
            for (label, curve), line in zip(curves.items(), cycle(_LINES), strict=False):
                (drawn,) = ax.plot(curve.steps, curve.mean, linestyle=line, label=label)
                low, high = curve.mean - 2 * curve.error, curve.mean + 2 * curve.error
                colour = drawn.get_color()
                ax.fill_between(curve.steps, low, high, color=colour, alpha=0.2, linewidth=0)
            if marked is not None:
                ax.axvline(marked, color=GREY, linestyle=":")
            ax.set(xlabel="step", title=title)
            ax.set_ylim(bottom=0)
        handles, labels = axes[0].get_legend_handles_labels()
        if len(labels) > 1:
            fig.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)
    return fig


def live_figure(panels: Mapping[str, Sequence[float]]) -> Figure:
    """One run: a panel for each title, its number at each step as dots, and the mean of nine
    neighbouring steps as a line.
    """
    fig, axes = new_figure(height=2.6, columns=len(panels))
    with style():
        for ax, (title, values) in zip(axes, panels.items(), strict=True):
            ax.plot(values, ".", color=GREY, markersize=3)
            ax.plot([_around(values, at) for at in range(len(values))])
            ax.set(xlabel="step", title=title)
            ax.set_ylim(bottom=0)
    return fig


def _around(values: Sequence[float], at: int) -> float:
    near = values[max(0, at - 4) : at + 5]
    return sum(near) / len(near)


def passes_figure(panels: Mapping[str, Mapping[str, Mapping[int, float]]]) -> Figure:
    """A panel for each title: pass@k against k for each model."""
    fig, axes = new_figure(height=3, columns=len(panels))
    with style():
        for ax, (title, models) in zip(axes, panels.items(), strict=True):
            for (name, passed), sign in zip(
                models.items(), cycle(("o-", "s--", "^-.", "d:")), strict=False
            ):
                ax.plot(list(passed), list(passed.values()), sign, markersize=4, label=name)
            ax.set_xscale("log", base=2)
            ks = list(next(iter(models.values())))
            ax.set_xticks(ks[::2], [str(k) for k in ks[::2]])
            ax.set(xlabel="k", title=title, ylim=(-0.03, 1.03))
        axes[0].set_ylabel("share of problems")
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def group_figure(
    replies: Sequence[str], rewards: Sequence[float], advantages: Sequence[float]
) -> Figure:
    """A bar for each reply of a group: its advantage. Right ones are named so, and hatched."""
    fig, ax = new_figure(height=2.8)
    with style():
        for place, (reward, advantage) in enumerate(zip(rewards, advantages, strict=True)):
            colour, hatch = (GREEN, "//") if reward else (VERMILLION, "")
            ax.bar(place, advantage, color=colour, hatch=hatch, edgecolor="white")
        marks = [
            f"{reply}\n{'right' if reward else 'wrong'}"
            for reply, reward in zip(replies, rewards, strict=True)
        ]
        ax.set_xticks(range(len(marks)), marks, fontsize=9)
        ax.axhline(0, color=GREY, linewidth=1)
        ax.set(ylabel="advantage")
    return fig


def replies_panel(question: str, answer: str, replies: Sequence[str], right: Sequence[bool]) -> str:
    """The replies to one question as HTML, each with a sign and a word that say whether it is right."""
    cells = [_reply(reply, good) for reply, good in zip(replies, right, strict=True)]
    count = f"{sum(right)} of {len(right)} replies are right"
    head = f"<div><b>{escape(question)}</b> the answer is {escape(answer)}; {count}</div>"
    return panel(
        f'{head}<div class="glass-box-pieces">{"".join(cells)}</div>', label="eight replies"
    )


def _reply(reply: str, good: bool) -> str:
    tint, edge, word = (
        ("rgba(0,150,100,0.18)", "solid", "✓ right")
        if good
        else ("rgba(220,80,30,0.12)", "dashed", "✗ wrong")
    )
    look = f"display:inline-block;margin:3px;padding:2px 8px;border:1px {edge};background:{tint}"
    return f'<span style="{look}"><code>{escape(reply)}</code> {word}</span>'
