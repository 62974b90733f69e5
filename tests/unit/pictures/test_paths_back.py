"""The way back through a layer: each arrow has its own product, and their sum stands where they end."""

import pytest
import torch

from utils.pictures.figures import img
from utils.pictures.paths_back import draw_paths_back


def layer(after: int, before: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(after)
    return torch.randn(after, before, generator=rng), torch.randn(after, generator=rng)


def number(words: str) -> float:
    return float(words.replace("−", "-").split()[-1])


@pytest.mark.parametrize(("after", "before", "reached"), [(3, 4, 0), (3, 4, 2), (5, 2, 1)])
def test_each_later_neuron_brings_its_share(after, before, reached):
    weights, deltas = layer(after, before)
    (ax,) = draw_paths_back(weights, deltas, reached).axes
    words = [text.get_text() for text in ax.texts]
    products = [[number(part) for part in text.split("·")] for text in words if "·" in text]
    assert products == [
        pytest.approx([delta, weight], abs=6e-4)
        for delta, weight in zip(deltas.tolist(), weights[:, reached].tolist(), strict=True)
    ]
    (total,) = [number(text) for text in words if text.startswith("sum")]
    assert total == pytest.approx(float(weights.T[reached] @ deltas), abs=6e-4)
    assert [number(text) for text in words if text.startswith("δ")] == pytest.approx(
        deltas.tolist(), abs=6e-4
    )


def test_the_arrows_end_at_the_neuron_that_is_reached():
    weights, deltas = layer(3, 4)
    (ax,) = draw_paths_back(weights, deltas, 2).axes
    named = {text.get_text(): text.xy for text in ax.texts}
    arrows = [text for text in ax.texts if text.arrow_patch is not None]
    assert len(arrows) == 3 and len(ax.lines) == 3 * 3
    assert {arrow.xy for arrow in arrows} == {named["a₂"]}
    starts = [arrow.get_position() for arrow in arrows]
    assert starts == [named["z₀"], named["z₁"], named["z₂"]]
    assert named["a₀"][1] > named["a₁"][1] > named["a₂"][1]
    (total,) = [text for text in ax.texts if text.get_text().startswith("sum")]
    assert total.xy == named["a₂"]


def test_it_can_be_shown():
    assert "data:image/png" in img(draw_paths_back(*layer(3, 4), 0), "Three arrows lead back.")


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="at most 10"):
        draw_paths_back(*layer(11, 3), 0)
    for reached in (-1, 4):
        with pytest.raises(ValueError, match="give one from 0 to 3"):
            draw_paths_back(*layer(3, 4), reached)
