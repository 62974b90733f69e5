"""Move weight and bias of a neuron with one input, and see what it answers."""

from ipywidgets import Dropdown, FloatSlider, VBox

from utils.pictures.figures import img
from utils.pictures.neuron_pictures import ACTIVATIONS, Neuron, neuron_figure
from utils.widgets.explorers import explorer


def neuron_explorer(weight: float | int = 4.0, bias: float | int = -2.0) -> VBox:
    """The curve of a neuron, with sliders for weight and bias and a list of activations; it starts
    with those given.
    """

    def draw(weight: float, bias: float, activation: str) -> str:
        return img(*neuron_figure(Neuron(weight, bias, activation)))

    controls = {
        "weight": FloatSlider(weight, min=-10, max=10, step=0.5, description="weight"),
        "bias": FloatSlider(bias, min=-10, max=10, step=0.5, description="bias"),
        "activation": Dropdown(options=list(ACTIVATIONS), description="shape"),
    }
    return explorer(draw, height=300, **controls)
