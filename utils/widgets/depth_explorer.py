"""The explorer of deep stacks: choose the depth, the first weights and the wiring, and see what one
pass shows of each layer.
"""

from typing import Any

from ipywidgets import Dropdown, FloatSlider, IntSlider, VBox
from jaxtyping import Float, Int64
from torch import Tensor

from utils.pictures.depth_pictures import layer_reading_figure
from utils.pictures.figures import img
from utils.predecessors.deep_stack import ACTIVATIONS, DeepStack, Recipe, read_layers
from utils.seeding import seeded
from utils.widgets.explorers import explorer

_NORMS = {"none": "none", "before each layer": "before", "after each layer": "after"}
# Each setting is a new network and three panels, so they wait until a slider is let go.
_LATE = {"continuous_update": False}


def depth_explorer(x: Float[Tensor, "example input"], labels: Int64[Tensor, " example"]) -> VBox:
    """An untrained stack of 64 numbers a layer, on these examples: the gradient of each layer, the
    size of what it gives, and how much alike two examples are there.
    """
    data = x.double()  # float32 would end at 1e-45

    def draw(activation: str, depth: int, gain: float | int, residual: bool, norm: str) -> str:
        recipe = Recipe(activation, gain=gain, residual=residual, norm=norm)
        with seeded(0):
            stack = DeepStack(recipe, depth, inputs=data.shape[1]).double()
        reading = read_layers(stack, data, labels)
        figure, alt = layer_reading_figure(reading.gradients, reading.sizes, reading.alike)
        wiring = f"residual {'on' if residual else 'off'}, norm {norm}"
        return img(figure, f"{activation}, gain {gain:.2f}, {wiring}. {alt}")

    controls: dict[str, Any] = {
        "activation": Dropdown(options=list(ACTIVATIONS), value="ReLU", description="activation"),
        "depth": IntSlider(80, min=2, max=80, description="layers", **_LATE),
        "gain": FloatSlider(0.6, min=0.1, max=2.5, step=0.1, description="gain", **_LATE),
        "residual": Dropdown(
            options={"no": False, "yes": True}, value=False, description="residual"
        ),
        "norm": Dropdown(options=_NORMS, value="none", description="norm"),
    }
    return explorer(draw, height=470, **controls)
