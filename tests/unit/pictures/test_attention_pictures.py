"""Pictures of attention: what they were given stands where it belongs, under the name it was given."""

import math

import pytest
import torch

from utils.pictures.attention_pictures import (
    attention_maps,
    growth,
    head_effects,
    lines_by_head_size,
    named_lines,
)
from utils.pictures.figures import img
from utils.pictures.heat_maps import attention_map

ALT = "Several heads, each with its own pattern."
PIECES = ["The", " cat", " $at", "\n"]


def patterns(n: int, size: int = 4) -> list[torch.Tensor]:
    rows = torch.rand(n, size, size, generator=torch.Generator().manual_seed(n)).tril()
    return list(rows / rows.sum(dim=-1, keepdim=True))


@pytest.mark.parametrize(("count", "columns"), [(3, 3), (5, 2), (9, 3)])
def test_every_head_is_drawn_under_its_name_with_the_future_hatched(count, columns):
    heads = {f"head {at}": pattern for at, pattern in enumerate(patterns(count))}
    fig = attention_maps(heads, PIECES, columns)
    drawn = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title("left") for ax in drawn] == list(heads)
    for ax, pattern in zip(drawn, heads.values(), strict=True):
        shown = ax.images[0].get_array()
        assert ax.patch.get_hatch()
        for query in range(4):
            for key in range(4):
                assert shown.mask[query, key] == (key > query)
                if key <= query:
                    assert float(shown[query, key]) == pytest.approx(pattern[query, key].item())


def test_labels_of_many_heads_stand_at_the_left_and_below():
    fig = attention_maps({str(at): one for at, one in enumerate(patterns(5))}, PIECES, columns=2)
    labelled = [
        (len(ax.get_xticklabels()), len(ax.get_yticklabels())) for ax in fig.axes if ax.images
    ]
    # the fourth has no head below it
    assert labelled == [(0, 4), (0, 0), (0, 4), (4, 0), (4, 4)]
    first = fig.axes[0].get_yticklabels()
    assert [label.get_text() for label in first] == ["The", "␣cat", "␣$at", "⏎"]
    img(fig, ALT)


def test_named_lines_can_be_told_apart_and_have_their_values():
    curves = {"honest": torch.tensor([2.0, 1.5, 1.0]), "cheating": [0.5, 0.25, 3.0]}
    (ax,) = named_lines(curves, xlabel="position", ylabel="loss").axes
    for line, (name, values) in zip(ax.lines, curves.items(), strict=True):
        assert line.get_label() == name
        assert line.get_xdata().tolist() == [0, 1, 2]
        assert line.get_ydata().tolist() == pytest.approx(torch.as_tensor(values).tolist())
    assert len({(line.get_linestyle(), line.get_color()) for line in ax.lines}) == 2
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("position", "loss")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(curves)


def test_growth_is_drawn_beside_what_is_proportional():
    (ax,) = growth([10, 30, 90], [7, 63, 567], xlabel="tokens", ylabel="products").axes
    counted, proportional = ax.lines
    assert counted.get_xdata().tolist() == proportional.get_xdata().tolist() == [10, 30, 90]
    assert counted.get_ydata().tolist() == [7, 63, 567]
    assert proportional.get_ydata().tolist() == pytest.approx([7, 21, 63])
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("tokens", "products")


def effects() -> dict[str, torch.Tensor]:
    silent = torch.tensor([[1.0, 0.5, 1.02], [0.98, 3.0, 1.0]])
    return {"silent": silent, "resting": torch.tensor([[1.0, 1.0, 0.26], [1.0, 2.1, 2.0]])}


def test_every_head_is_counted_where_its_effect_lies():
    fig = head_effects(effects(), (0, 1), xlabel="times")
    assert [ax.get_title("left") for ax in fig.axes] == ["silent", "resting"]
    for ax, factors in zip(fig.axes, effects().values(), strict=True):
        bars = [
            (bar.get_x(), bar.get_x() + bar.get_width(), bar.get_height()) for bar in ax.patches
        ]
        assert sum(height for *_, height in bars) == factors.numel()
        for left, right, height in bars:
            inside = (factors.log2() >= left) & (factors.log2() < right)
            assert height == inside.sum()
    assert fig.axes[-1].get_xlabel() == "times"


def test_the_marked_head_is_pointed_at():
    for ax, factors in zip(
        head_effects(effects(), (1, 1), xlabel="times").axes, effects().values(), strict=True
    ):
        (label,) = ax.texts
        assert label.get_text() == "head 1.1"
        assert label.xy[0] == pytest.approx(math.log2(factors[1, 1]), abs=1e-5)


def test_factors_are_written_at_the_places_of_their_logarithms():
    ax = head_effects(effects(), (0, 0), xlabel="times").axes[0]
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert dict(zip(ax.get_xticks().tolist(), ticks, strict=True)) == {
        -2: "1/4",
        -1: "1/2",
        0: "1",
        1: "2",
        2: "4",
    }


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan")])
def test_a_factor_without_a_logarithm_is_refused(factor):
    with pytest.raises(ValueError, match="logarithmic"):
        head_effects({"silent": torch.tensor([[1.0, factor]])}, (0, 0), xlabel="times")


def test_panels_by_head_size_have_their_lines_and_one_legend():
    sizes = [8, 32, 100]
    panels = {
        "weight": {"plain": [0.1, 0.2, 0.9], "divided": [0.3, 0.4, 0.5]},
        "skew": {"plain": [1.0, 5.0, 9.0], "divided": [1.5, 1.25, 1.0]},
    }
    fig = lines_by_head_size(sizes, panels)
    assert [ax.get_title("left") for ax in fig.axes] == list(panels)
    for ax, lines in zip(fig.axes, panels.values(), strict=True):
        assert ax.get_xscale() == "log" and ax.get_ylim()[0] == 0
        assert [label.get_text() for label in ax.get_xticklabels()] == ["8", "32", "100"]
        drawn = {line.get_label(): line for line in ax.lines}
        assert list(drawn) == list(lines)
        for name, values in lines.items():
            assert list(drawn[name].get_xdata()) == sizes
            assert list(drawn[name].get_ydata()) == values
        assert len({line.get_linestyle() for line in ax.lines}) == 2
    first, second = (ax.get_legend() for ax in fig.axes)
    assert [text.get_text() for text in first.get_texts()] == ["plain", "divided"]
    assert second is None


def sizes_of_words(fig) -> set[float]:
    labels = [ax.get_xticklabels() + ax.get_yticklabels() for ax in fig.axes]
    return {label.get_fontsize() for ax in labels for label in ax if label.get_text()}


def test_labels_of_many_tokens_can_be_read():
    many = [f" word{at}" for at in range(28)]
    (pattern,) = patterns(1, size=28)
    assert min(sizes_of_words(attention_maps({"one": pattern}, many))) >= 9
    assert min(sizes_of_words(attention_map(pattern, many))) >= 9
