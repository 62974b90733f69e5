"""The explorer of rounding: some weights, one of which is large, and what is left of them."""

from ipywidgets import Dropdown, FloatSlider, VBox
from jaxtyping import Float
from torch import Tensor

from utils.pictures.figures import img
from utils.pictures.quantization_pictures import rounded_weights
from utils.quantization.rounding import quantize
from utils.widgets.explorers import explorer


def rounding_explorer(weights: Float[Tensor, "64"], place: int) -> VBox:
    """Move the weight at `place`, change the bits, and make the groups smaller.

    The picture says how far off the others are in the mean.
    """

    def draw(n_bits: int, largest: float | int, group: int) -> str:
        before = weights.clone()
        before[place] = largest
        after = quantize(before, n_bits, group).dequantize()
        off = (after - before).abs()
        others = (off.sum() - off[place]).item() / (len(off) - 1)
        title = (
            f"{n_bits} bits, a scale for {group} weights, one of them {largest:.1f}: "
            f"the others are off by {others:.3f}"
        )
        return img(*rounded_weights(before, {title: after}))

    controls = {
        "n_bits": Dropdown(options=[8, 6, 4, 3, 2], value=4, description="bits"),
        "largest": FloatSlider(
            2.0, min=0.1, max=4, step=0.1, description="outlier", continuous_update=False
        ),
        "group": Dropdown(options=[64, 32, 16, 8], value=64, description="a scale for"),
    }
    return explorer(draw, height=270, **controls)
