"""The pictures of the chapter on RLHF draw what they are given."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
import torch

from utils.pictures import rlhf_pictures as pictures


@dataclass
class Seeds:
    """Drawn numbers with their steps."""

    steps: list[float]
    mean: torch.Tensor
    error: torch.Tensor


def over_seeds(seed, n=4):
    generator = torch.Generator().manual_seed(seed)
    mean, error = torch.rand(2, n, generator=generator)
    return Seeds([5.0 * step for step in range(n)], mean, error)


def is_drawn(line, x, y):
    return list(line.get_xdata()) == pytest.approx([float(one) for one in x]) and list(
        line.get_ydata()
    ) == pytest.approx([float(one) for one in y])


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def band(collection):
    """The lowest and the highest value at each step of a filled band."""
    corners = collection.get_paths()[0].vertices
    steps = sorted({x for x, _ in corners})
    return [
        (min(y for x, y in corners if x == at), max(y for x, y in corners if x == at))
        for at in steps
    ]


def has_band(collection, curve):
    low, high = curve.mean - curve.error, curve.mean + curve.error
    wanted = zip(low.tolist(), high.tolist(), strict=True)
    return all(
        found == pytest.approx(want) for found, want in zip(band(collection), wanted, strict=True)
    )


def test_policies_have_a_bar_for_each_answer_side_by_side():
    ref = torch.tensor([0.5, 0.3, 0.2])
    best = {"beta 2": torch.tensor([0.4, 0.3, 0.3]), "beta 1": torch.tensor([0.1, 0.2, 0.7])}
    (ax,) = pictures.policies_figure([0.0, 0.5, 2.0], ref, best).axes
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    assert heights == [pytest.approx(p.tolist()) for p in (ref, *best.values())]
    assert names(ax) == ["reference", "beta 2", "beta 1"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["r = 0", "r = 0.5", "r = 2"]
    edges = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches)
    assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(edges))
    assert len({bars[0].get_facecolor() for bars in ax.containers}) == 3


def test_clipping_has_a_panel_for_each_advantage():
    ratio = torch.linspace(0.5, 1.5, 7)
    objective = {2.0: torch.rand(7), -0.5: torch.rand(7)}
    axes = pictures.clipping_figure(ratio, objective).axes
    assert [ax.get_title(loc="left") for ax in axes] == ["advantage +2", "advantage -0.5"]
    for ax, (advantage, value) in zip(axes, objective.items(), strict=True):
        assert is_drawn(ax.lines[0], ratio, value)
        assert is_drawn(ax.lines[1], ratio, ratio * advantage)


def test_runs_have_a_panel_for_each_beta():
    learned, true = (
        {0.0: [1.0, 2.0, 3.0], 0.3: [0.5, 0.6]},
        {0.0: [1.0, 0.0, -1.0], 0.3: [2.0, 2.5]},
    )
    axes = pictures.runs_figure(learned, true).axes
    assert [ax.get_title(loc="left") for ax in axes] == ["beta = 0", "beta = 0.3"]
    for ax, beta in zip(axes, learned, strict=True):
        steps = range(len(learned[beta]))
        assert is_drawn(ax.lines[0], steps, learned[beta])
        assert is_drawn(ax.lines[1], steps, true[beta])
    assert names(axes[1]) == ["learned reward", "true quality"]


def test_curves_of_all_betas_with_their_bands():
    panels = {
        "one": {0.0: over_seeds(1), 0.3: over_seeds(2)},
        "two": {0.0: over_seeds(3), 0.3: over_seeds(4)},
    }
    figure = pictures.betas_figure(panels)
    axes = figure.axes
    assert [ax.get_title(loc="left") for ax in axes] == ["one", "two"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["beta 0", "beta 0.3"]
    for ax, curves in zip(axes, panels.values(), strict=True):
        for line, filled, curve in zip(ax.lines, ax.collections, curves.values(), strict=True):
            assert is_drawn(line, curve.steps, curve.mean)
            assert has_band(filled, curve)
        assert len({line.get_linestyle() for line in ax.lines}) == 2


def test_one_beta_with_the_step_marked():
    learned, true = over_seeds(5), over_seeds(6)
    (ax,) = pictures.one_beta_figure(0.1, learned, true, marked=7.0).axes
    assert is_drawn(ax.lines[0], learned.steps, learned.mean)
    assert is_drawn(ax.lines[1], true.steps, true.mean)
    assert list(ax.lines[2].get_xdata()) == [7.0, 7.0]
    assert has_band(ax.collections[0], learned) and has_band(ax.collections[1], true)
    assert ax.get_title(loc="left") == "beta 0.1"


def test_quality_stands_against_distance():
    kl, true = {0.0: over_seeds(7), 0.1: over_seeds(8)}, {0.0: over_seeds(9), 0.1: over_seeds(10)}
    (ax,) = pictures.distance_figure(kl, {**true, 1.0: over_seeds(11)}).axes
    assert names(ax) == ["beta 0", "beta 0.1"]
    for line, beta in zip(ax.lines, kl, strict=True):
        assert is_drawn(line, kl[beta].mean, true[beta].mean)


def test_chosen_and_rejected_from_zero():
    chosen, rejected = [0.0, 0.2, 0.1], [0.0, -1.0, -3.0]
    (ax,) = pictures.risen_figure(chosen, rejected).axes
    assert is_drawn(ax.lines[0], range(3), chosen)
    assert is_drawn(ax.lines[1], range(3), rejected)
    assert names(ax) == ["chosen replies", "rejected replies"]


def test_stages_stand_in_their_order_with_their_values():
    (ax,) = pictures.stages_figure({"base": 0.5, "PPO, beta 0": -4.25, "DPO": 2.0}).axes
    assert [bar.get_width() for bar in ax.patches] == [0.5, -4.25, 2.0]
    heights = [ax.transData.transform((0, bar.get_y()))[1] for bar in ax.patches]
    assert heights == sorted(heights, reverse=True)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["base", "PPO, beta 0", "DPO"]
    assert [text.get_text() for text in ax.texts] == ["0.50", "−4.25", "2.00"]
