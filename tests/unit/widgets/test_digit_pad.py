"""The drawing pad as a text: what is in it, what it refuses. tests/browser draws on it."""

import base64
import json
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
import torch
from contrast import contrast
from torch.testing import assert_close

from utils.pictures.figures import BLUE, GREY, VERMILLION
from utils.pictures.html_panels import INK, PAPER
from utils.widgets import digit_pad as module
from utils.widgets.digit_pad import drawing_pad, pad_html


def network(*sizes, seed=0):
    random = torch.Generator().manual_seed(seed)
    return [
        (torch.randn(out, into, generator=random), torch.randn(out, generator=random))
        for into, out in pairwise(sizes)
    ]


LAYERS = network(784, 6, 7, 10)


def page(html):
    (source,) = re.findall(r'srcdoc="([^"]*)"', html)
    return unescape(source)


def data(html):
    (found,) = re.findall(
        r'<script type="application/json" id="network">(.*?)</script>', page(html), re.DOTALL
    )
    return json.loads(found)


def numbers(text):
    return torch.from_numpy(np.frombuffer(base64.b64decode(text), "<f4").copy())


def test_weights_come_back_as_they_went_in():
    examples = torch.rand(3, 784)
    held = data(pad_html(LAYERS, "relu", "softmax", examples))
    assert (held["hidden"], held["output"], len(held["layers"])) == ("relu", "softmax", 3)
    for layer, (weight, bias) in zip(held["layers"], LAYERS, strict=True):
        assert_close(numbers(layer["weight"]).reshape(weight.shape), weight, rtol=0, atol=0)
        assert_close(numbers(layer["bias"]), bias, rtol=0, atol=0)
    assert_close(numbers(held["examples"]).reshape(3, 784), examples, rtol=0, atol=0)


def test_weights_in_any_memory_order_precision_and_with_gradients():
    (weight, bias), *rest = LAYERS
    turned = weight.T.contiguous().T.double().requires_grad_()
    assert pad_html([(turned, bias), *rest], "relu", "softmax", None) == pad_html(
        LAYERS, "relu", "softmax", None
    )


def test_shown_as_a_frame_with_words_beside_it(shown):
    drawing_pad(LAYERS, hidden="relu", output="softmax")
    drawing_pad(LAYERS)
    first, second = shown
    assert first["text/html"] == pad_html(LAYERS, "relu", "softmax", None)
    assert second["text/html"] == pad_html(LAYERS, "sigmoid", "sigmoid", None)
    assert "784-6-7-10" in first["text/plain"] and "static figure after it" in first["text/plain"]


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.all = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))


def test_the_frame_is_one_element_apart_from_the_notebook():
    html = pad_html(LAYERS, "relu", "softmax", torch.rand(2, 784))
    ((tag, attributes),) = Elements(html).all
    assert tag == "iframe" and html.endswith("</iframe>")
    assert attributes["sandbox"] == "allow-scripts" and len(attributes["title"]) > 20
    # twice on a page: no clash
    assert re.search(r"height:\d+px", attributes["style"]) and "id" not in attributes


def test_the_page_asks_nobody_for_anything():
    text = page(pad_html(LAYERS, "relu", "softmax", None))
    assert "default-src 'none'" in text
    assert not re.search(
        r"https?:|//[a-z]+\.|\bfetch\(|XMLHttp|import\b|cookie|localStorage|parent\b|\btop\.", text
    )
    assert not [
        attributes for _, attributes in Elements(text).all if {"src", "href"} & set(attributes)
    ]


def test_nothing_is_left_to_fill_in_and_every_control_has_a_name():
    text = page(pad_html(LAYERS, "relu", "softmax", None))
    assert "{{" not in text and "}}" not in re.sub(
        r"<script.*?</script>", "", text, flags=re.DOTALL
    )
    elements = Elements(text).all
    assert [
        tag for tag, attributes in elements if tag == "canvas" and not attributes.get("aria-label")
    ] == []
    assert re.findall(r"<button[^>]*>(.*?)</button>", text) == ["Clear", "Noise"]
    assert re.search(r"<label><input[^>]*checked>\s*Centre it, as MNIST does</label>", text)
    assert [attributes["id"] for _, attributes in elements if "aria-live" in attributes] == [
        "sentence"
    ]


def test_colours_stand_out_from_the_paper():
    text = page(pad_html(LAYERS, "relu", "softmax", None))
    for name, colour in {
        "ink": INK,
        "edge": GREY,
        "paper": PAPER,
        "bar": BLUE,
        "most": VERMILLION,
    }.items():
        assert f"--{name}: {colour};" in text
    assert min(contrast(INK, PAPER), contrast(GREY, PAPER)) >= 4.5  # letters
    assert min(contrast(BLUE, PAPER), contrast(VERMILLION, PAPER)) >= 3  # shapes


def test_no_text_can_leave_its_place():
    hostile = "</script><script>alert(1)</script><!--"
    text = module._page({"hidden": hostile})
    assert hostile not in text and "<script>alert" not in text
    (found,) = re.findall(r'id="network">(.*?)</script>', text, re.DOTALL)
    assert json.loads(found) == {"hidden": hostile}


WRONG_LAYERS = {
    r"there are no layers; give \(W, b\)": [],
    r"layer 1 has weights \(10, 783\) and biases \(10,\); expected \(n, 784\)": network(783, 10),
    r"layer 1 has weights \(784, 10\) and biases \(10,\)": [
        (torch.zeros(784, 10), torch.zeros(10))
    ],
    r"layer 2 has weights \(10, 7\) and biases \(10,\); expected \(n, 6\)": network(784, 6)
    + network(7, 10),
    r"layer 1 has weights \(10, 784\) and biases \(1, 10\)": [
        (torch.zeros(10, 784), torch.zeros(1, 10))
    ],
    r"layer 1 has weights \(784,\) and biases \(784,\)": [(torch.zeros(784), torch.zeros(784))],
    "the network has 9 outputs; the pad needs 10": network(784, 5, 9),
    "layer 2 has a weight or a bias that is not finite": [
        *network(784, 5),
        (torch.zeros(10, 5), torch.zeros(10) / 0),
    ],
    "layer 1 has a weight or a bias that is not finite": [
        (torch.full((10, 784), torch.inf), torch.zeros(10))
    ],
}


@pytest.mark.parametrize("words", WRONG_LAYERS)
def test_layers_that_do_not_fit_are_refused(words, shown):
    with pytest.raises(ValueError, match=f"^{words}.*\\.$"):
        drawing_pad(WRONG_LAYERS[words])
    assert not shown


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"hidden": "softmax"}, "hidden='softmax' is unknown: choose 'sigmoid' or 'relu'."),
        ({"output": "relu"}, "output='relu' is unknown: choose 'sigmoid' or 'softmax'."),
    ],
)
def test_unknown_activations_are_refused(names, words):
    with pytest.raises(ValueError) as error:
        drawing_pad(LAYERS, **names)
    assert str(error.value) == words


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        (torch.zeros(11, 784), r"shape \(11, 784\); expected \(image, 784\) with 1 to 10"),
        (torch.zeros(0, 784), r"shape \(0, 784\)"),
        (torch.zeros(784), r"shape \(784,\)"),
        (torch.zeros(2, 28, 28), r"shape \(2, 28, 28\)"),
        (torch.full((1, 784), 255.0), "outside of 0 to 1: divide"),
        (torch.full((1, 784), -0.1), "outside of 0 to 1"),
        (torch.full((1, 784), torch.nan), "outside of 0 to 1"),
    ],
)
def test_examples_that_are_no_pictures_are_refused(examples, words):
    with pytest.raises(ValueError, match=f"^the examples have .*{words}"):
        drawing_pad(LAYERS, examples=examples)
