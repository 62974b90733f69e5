"""RoPE's clocks: a query and a key whose pairs turn with their positions."""

from typing import Any

import torch
from ipywidgets import IntSlider, VBox

from utils.model.rotary import rope, rope_rotation
from utils.pictures.figures import img
from utils.pictures.position_pictures import turning_pairs
from utils.widgets.explorers import explorer

_D_HEAD, _BASE = 8, 100.0
_LATE = {"continuous_update": False, "style": {"description_width": "initial"}}


def rope_explorer() -> VBox:
    """A query and a key of four pairs. Choose where the query stands, and how far before it the key:
    the hands turn, and under them stands the score.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        query, key = torch.randn(2, 1, 1, 1, _D_HEAD)

    def draw(position: int, distance: int) -> str:
        at = (position, max(0, position - distance))
        turned = [
            rope(x, rope_rotation(torch.tensor([[place]]), _D_HEAD, _BASE)).flatten()
            for x, place in zip((query, key), at, strict=True)
        ]
        of_query, of_key = (torch.atan2(x[1::2], x[0::2]).tolist() for x in turned)
        speeds = [_BASE ** (-place / _D_HEAD) for place in range(0, _D_HEAD, 2)]
        names = [f"{speed:.2g} per place" for speed in speeds]
        score = float(turned[0] @ turned[1])
        held = " (no key stands before place 0)" if distance > position else ""
        sentence = (
            f"<p>Query at {at[0]}, key at {at[1]}{held}: {at[0] - at[1]} apart, score "
            f"{score:.3f}.</p>"
        )
        return img(*turning_pairs(of_query, of_key, names)) + sentence

    controls: dict[str, Any] = {
        "position": IntSlider(9, min=0, max=60, description="query at", **_LATE),
        "distance": IntSlider(3, min=0, max=30, description="key before it by", **_LATE),
    }
    return explorer(draw, height=270, **controls)
