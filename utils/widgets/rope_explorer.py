"""RoPE's clocks: a query and a key whose pairs turn with their positions."""

from math import cos, sin
from typing import Any

import torch
from ipywidgets import FloatSlider, IntSlider, VBox
from torch import Tensor

from utils.model.rotary import rope, rope_rotation
from utils.pictures.figures import img
from utils.pictures.position_pictures import Hand, turning_pairs
from utils.widgets.explorers import explorer

_D_HEAD, _BASE = 8, 16.0  # pairs that turn by 1, 1/2, 1/4 and 1/8 radians a place
_LATE = {"continuous_update": False, "style": {"description_width": "initial"}}


def rope_explorer() -> VBox:
    """A query and a key of four pairs, each a hand of length 1: the query's are all (1, 0), and the
    key's begin at an angle that the reader chooses.

    Choose where the query stands, and how far before it the key: the hands turn, with the angles
    and the cosine of each pair in numbers, and under them stands the engine's score.
    """

    def draw(position: int, distance: int, start: float) -> str:
        at = (position, max(0, position - distance))
        turned = [_turned(begin, place) for begin, place in zip((0.0, start), at, strict=True)]
        score = float(turned[0] @ turned[1])
        speeds = [_BASE ** (-place / _D_HEAD) for place in range(0, _D_HEAD, 2)]
        names = [f"{speed:g} a place" for speed in speeds]
        of_query = [Hand(0.0, at[0] * speed) for speed in speeds]
        of_key = [Hand(start, at[1] * speed) for speed in speeds]
        held = " (no key stands before place 0)" if distance > position else ""
        sentence = (
            f"<p>Query at {at[0]}, key at {at[1]}{held}: {at[0] - at[1]} apart, score "
            f"{score:.3f}, the sum of the four cosines.</p>"
        )
        return img(*turning_pairs(of_query, of_key, names)) + sentence

    controls: dict[str, Any] = {
        "position": IntSlider(3, min=0, max=60, description="query at", **_LATE),
        "distance": IntSlider(2, min=0, max=30, description="key before it by", **_LATE),
        "start": FloatSlider(
            0.0, min=-3.0, max=3.0, step=0.1, description="key's hands begin at", **_LATE
        ),
    }
    return explorer(draw, height=330, **controls)


def _turned(begin: float, place: int) -> Tensor:
    """A vector whose pairs all have the angle `begin`, turned by the engine; (d_head,)."""
    vector = torch.tensor([cos(begin), sin(begin)], dtype=torch.float64).repeat(_D_HEAD // 2)
    rotation = rope_rotation(torch.tensor([[place]]), _D_HEAD, _BASE)
    return rope(vector[None, None, None], rotation).flatten()
