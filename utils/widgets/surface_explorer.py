"""Walk down a surface: choose it, the start and the learning rate, and turn it round."""

from collections.abc import Callable
from typing import Any

from ipywidgets import Dropdown, FloatSlider, VBox
from torch import Tensor

from utils.pictures.descent_pictures import surface_figure
from utils.pictures.figures import img
from utils.pictures.surfaces import SURFACES
from utils.widgets.explorers import explorer

_START_Y = 1.2
_STEPS = 25
# Each setting is a new walk and a picture in perspective, so they wait until a slider is let go.
_LATE = {"continuous_update": False}

Walk = Callable[[Callable[[Tensor], Tensor], list[float], float, int], Tensor]


def surface_explorer(walk: Walk, surface: str = "two valleys") -> VBox:
    """A walk of 25 steps on a surface of SURFACES.

    walk: `walk(gradient, start, rate, steps)` gives all points on the way, (step, 2), the start
        first: the lesson's own.
    """

    def draw(surface: str, start: float, rate: float, turn: float) -> str:
        way = walk(SURFACES[surface].gradient, [start, _START_Y], rate, _STEPS)
        return img(*surface_figure(surface, way, rate, turn))

    controls: dict[str, Any] = {
        "surface": Dropdown(options=list(SURFACES), value=surface, description="surface"),
        "start": FloatSlider(0.6, min=-1.8, max=1.8, step=0.2, description="start", **_LATE),
        "rate": FloatSlider(0.2, min=0.05, max=2.5, step=0.05, description="rate", **_LATE),
        "turn": FloatSlider(
            -120, min=-180, max=180, step=15, description="turn", readout_format=".0f", **_LATE
        ),
    }
    return explorer(draw, height=400, **controls)
