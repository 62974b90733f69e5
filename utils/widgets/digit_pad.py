"""A pad to draw a digit on, with a network that reads it at once: `drawing_pad([(W1, b1), (W2,
b2)])`.

The network runs in the page itself, in the JavaScript of digit_pad.html, with its weights written
into the page. So the pad works wherever a notebook shows HTML, in JupyterLab as in Colab, and asks
neither the kernel nor the network.
"""

import base64
import json
from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from utils.pictures.figures import BLUE, GREY, VERMILLION
from utils.pictures.html_panels import INK, PAPER, show_html
from utils.widgets.pen_strokes import BOX, FINE, PEN, SIDE

Layers = Sequence[tuple[Float[Tensor, "..."], Float[Tensor, "..."]]]

_HIDDEN, _OUTPUT = ("sigmoid", "relu"), ("sigmoid", "softmax")
_TITLE = "Drawing pad: draw a digit, and see what the network reads"
_HEIGHT, _EXAMPLES_HEIGHT = 428, 44  # pixels; the page never changes its height
_MOST_EXAMPLES = 10


def drawing_pad(
    layers: Layers,
    hidden: str = "sigmoid",
    output: str = "sigmoid",
    examples: Float[Tensor, "..."] | None = None,
) -> None:
    """Show a pad on which one draws a digit, and beside it what the network sees and its ten
    outputs.

    `layers`: weights (out, in) and biases (out,), from 784 pixels to 10 digits. `hidden` is
    "sigmoid" or "relu", `output` is "sigmoid" or "softmax". `examples`: up to ten pictures (image,
    784) with values from 0 to 1, each behind a button. Raises ValueError if the shapes do not fit
    together, a number is not finite, or a name is unknown.
    """
    html = pad_html(layers, hidden, output, examples)
    sizes = "-".join(str(size) for size in [SIDE * SIDE, *(len(bias) for _, bias in layers)])
    show_html(
        html,
        f"Drawing pad: in a browser, draw a digit here and see what the network ({sizes}) reads. "
        "The static figure after it shows the same point.",
    )


def pad_html(
    layers: Layers, hidden: str, output: str, examples: Float[Tensor, "..."] | None
) -> str:
    """The pad as one <iframe> that holds all it needs. The arguments are those of `drawing_pad`."""
    _check_layers(layers)
    _check_name("hidden", hidden, _HIDDEN)
    _check_name("output", output, _OUTPUT)
    _check_examples(examples)
    page = _page(
        {
            "layers": [
                {"weight": _base64(weight), "bias": _base64(bias)} for weight, bias in layers
            ],
            "hidden": hidden,
            "output": output,
            "examples": "" if examples is None else _base64(examples),
            "side": SIDE,
            "fine": FINE,
            "box": BOX,
            "pen": PEN,
        }
    )
    height = _HEIGHT + (_EXAMPLES_HEIGHT if examples is not None else 0)
    # The sandbox keeps the page apart from the notebook; srcdoc needs no server.
    return (
        f'<iframe title="{_TITLE}" sandbox="allow-scripts" srcdoc="{escape(page)}" '
        f'style="width:100%;max-width:780px;height:{height}px;border:0;background:{PAPER};color-scheme:light"></iframe>'
    )


def _page(network: dict[str, Any]) -> str:
    """The template with the network and the course's colours in it."""
    page = resources.files("utils.widgets").joinpath("digit_pad.html").read_text(encoding="utf-8")
    colours = {"ink": INK, "paper": PAPER, "grey": GREY, "bar": BLUE, "most": VERMILLION}
    data = json.dumps(network).replace("<", "\\u003c")  # so that no text in it can end the <script>
    for name, value in {**colours, "network": data}.items():
        page = page.replace("{{" + name + "}}", value)
    return page


def _base64(values: Tensor) -> str:
    """The numbers of a tensor, row after row, as float32 with the lowest byte first."""
    numbers = values.detach().to("cpu", torch.float32).contiguous().numpy().astype("<f4")
    return base64.b64encode(numbers.tobytes()).decode("ascii")


def _check_layers(layers: Layers) -> None:
    inputs = SIDE * SIDE
    for n, (weight, bias) in enumerate(layers, 1):
        if weight.ndim != 2 or bias.shape != weight.shape[:1] or weight.shape[1] != inputs:
            raise ValueError(
                f"layer {n} has weights {tuple(weight.shape)} and biases {tuple(bias.shape)}; "
                f"expected (n, {inputs}) "
                f"and (n,), since {inputs} values come in: give W as (out, in)."
            )
        if not (weight.isfinite().all() and bias.isfinite().all()):
            raise ValueError(
                f"layer {n} has a weight or a bias that is not finite: train the network again."
            )
        inputs = len(bias)
    if not layers:
        raise ValueError("there are no layers; give (W, b) for each, from 784 pixels to 10 digits.")
    if inputs != 10:
        raise ValueError(f"the network has {inputs} outputs; the pad needs 10, one for each digit.")


def _check_name(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ValueError(
            f"{what}={given!r:.40} is unknown: choose {' or '.join(map(repr, known))}."
        )


def _check_examples(examples: Tensor | None) -> None:
    if examples is None:
        return
    if (
        examples.ndim != 2
        or examples.shape[1] != SIDE * SIDE
        or not 1 <= len(examples) <= _MOST_EXAMPLES
    ):
        raise ValueError(
            f"the examples have shape {tuple(examples.shape)}; expected (image, 784) with 1 to "
            f"{_MOST_EXAMPLES} images."
        )
    if not ((examples >= 0) & (examples <= 1)).all():  # false for NaN too
        raise ValueError(
            "the examples have values outside of 0 to 1: divide the pixels by the value of white."
        )
