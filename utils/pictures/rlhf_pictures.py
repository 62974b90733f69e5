"""Pictures of being judged: policies on a leash, PPO's clipping, and what a training run does to
the learned reward and to the true quality.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.figures import BLUE, GREEN, GREY, PALETTE, VERMILLION, new_figure, style

# Lines that can be told apart without colour, too.
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
_QUALITY = (-5, 5)  # from where rubbish is all the same, to the best reply


@runtime_checkable
class OverSeeds(Protocol):
    """A number against the step: its mean over seeds, and the standard error of the mean."""

    steps: Sequence[float]
    mean: Float[Tensor, " step"]
    error: Float[Tensor, " step"]


def policies_figure(
    rewards: Sequence[float],
    ref: Float[Tensor, " answer"],
    best: Mapping[str, Float[Tensor, " answer"]],
) -> Figure:
    """Bars for each answer: its probability under the reference and under each policy of `best`, by
    name.
    """
    fig, ax = new_figure(height=2.8)
    policies = {"reference": ref, **best}
    width = 0.8 / len(policies)
    with style():
        for place, (name, policy) in enumerate(policies.items()):
            left = [answer + width * place for answer in range(len(rewards))]
            colour = (GREY, BLUE, GREEN, VERMILLION, *PALETTE[3:])[place]
            ax.bar(left, policy.tolist(), width=width, color=colour, label=name)
        middle = width * (len(policies) - 1) / 2
        ticks = [answer + middle for answer in range(len(rewards))]
        ax.set_xticks(ticks, [f"r = {reward:g}" for reward in rewards])
        ax.set(ylabel="probability", ylim=(0, 1.05))
        ax.legend()
    return fig


def clipping_figure(
    ratio: Float[Tensor, " point"], objective: Mapping[float, Float[Tensor, " point"]]
) -> Figure:
    """The objective against the ratio new / old, a panel for each advantage, and what it were
    without clipping.
    """
    fig, axes = new_figure(height=2.6, columns=len(objective))
    with style():
        for ax, (advantage, value) in zip(axes, objective.items(), strict=True):
            ax.plot(ratio, value)
            ax.plot(ratio, ratio * advantage, ":", color=GREY, label="without clipping")
            ax.set(xlabel="ratio new / old", title=f"advantage {advantage:+g}")
        axes[0].set_ylabel("objective")
        axes[0].legend()
    return fig


def runs_figure(
    learned: Mapping[float, Sequence[float]], true: Mapping[float, Sequence[float]]
) -> Figure:
    """Learned reward and true quality at each step, a panel for each beta."""
    fig, axes = new_figure(height=2.8, columns=len(learned))
    with style():
        for ax, beta in zip(axes, learned, strict=True):
            ax.plot(learned[beta], label="learned reward")
            ax.plot(true[beta], "--", label="true quality")
            ax.set(xlabel="step", title=f"beta = {beta:g}", ylim=_QUALITY)
        axes[-1].legend(loc="lower left")
    return fig


def betas_figure(panels: Mapping[str, Mapping[float, OverSeeds]]) -> Figure:
    """A panel for each title: a curve with its band for each beta. One legend beside all."""
    fig, axes = new_figure(height=3.2, columns=len(panels))
    with style():
        for ax, (title, curves) in zip(axes, panels.items(), strict=True):
            for (beta, curve), line in zip(curves.items(), cycle(_LINES), strict=False):
                _with_band(ax, curve, line, f"beta {beta:g}")
            ax.set(xlabel="step", title=title)
        fig.legend(*axes[-1].get_legend_handles_labels(), loc="outside right center", fontsize=9)
    return fig


def one_beta_figure(beta: float, learned: OverSeeds, true: OverSeeds, marked: float) -> Figure:
    """Learned reward and true quality for one beta, with a dotted line at the step `marked`."""
    fig, ax = new_figure(height=2.6)
    with style():
        _with_band(ax, learned, "-", "learned reward")
        _with_band(ax, true, "--", "true quality")
        ax.axvline(marked, color=GREY, linestyle=":")
        ax.set(xlabel="step", title=f"beta {beta:g}", ylim=_QUALITY)
        ax.legend(loc="lower left")
    return fig


def _with_band(ax: Axes, curve: OverSeeds, line: object, label: str) -> None:
    (drawn,) = ax.plot(curve.steps, curve.mean, linestyle=line, label=label)
    low, high = curve.mean - curve.error, curve.mean + curve.error
    ax.fill_between(curve.steps, low, high, color=drawn.get_color(), alpha=0.2, linewidth=0)


def distance_figure(kl: Mapping[float, OverSeeds], true: Mapping[float, OverSeeds]) -> Figure:
    """True quality against the distance from the SFT model, a dot for each stored step."""
    fig, ax = new_figure(height=3)
    with style():
        for beta, sign in zip(kl, cycle(("o-", "s--", "^-.", "d:", "v-")), strict=False):
            ax.plot(kl[beta].mean, true[beta].mean, sign, markersize=4, label=f"beta {beta:g}")
        ax.set(xlabel="KL from the SFT model (nats per reply)", ylabel="true quality")
        ax.legend()
    return fig


def risen_figure(chosen: Sequence[float], rejected: Sequence[float]) -> Figure:
    """By how much DPO has changed the log-probabilities of chosen and of rejected replies, step by
    step.
    """
    fig, ax = new_figure(height=2.6)
    with style():
        ax.plot(chosen, "-", label="chosen replies")
        ax.plot(rejected, "--", label="rejected replies")
        ax.axhline(0, color=GREY, linewidth=1)
        ax.set(xlabel="step", ylabel="change of log P (nats)")
        ax.legend()
    return fig


def stages_figure(quality: Mapping[str, float]) -> Figure:
    """A bar for the true quality after each stage, the first on top, with its value at its end."""
    fig, ax = new_figure(height=2.4)
    with style():
        drawn = ax.barh(list(quality), list(quality.values()))
        ax.bar_label(
            drawn, [f"{value:.2f}".replace("-", "−") for value in quality.values()], padding=3
        )
        ax.invert_yaxis()
        ax.axvline(0, color=GREY, linewidth=1)
        ax.margins(x=0.15)  # room for the values at the ends
        ax.set_xlabel("true quality (at best 5)")
    return fig
