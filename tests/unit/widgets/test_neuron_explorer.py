"""The explorer of a neuron: the picture follows weight, bias and shape."""

from utils.widgets.neuron_explorer import neuron_explorer


def test_the_picture_follows_the_controls():
    controls, picture = neuron_explorer(weight=3, bias=-1.5).children
    weight, bias, shape = controls.children
    assert "sigmoid(3·a -1.5) rises, threshold at 0.50" in picture.value
    weight.value, bias.value, shape.value = -8.0, 2.0, "ReLU"
    assert "ReLU(-8·a +2) falls, threshold at 0.25" in picture.value
    weight.value = 0.0
    assert "nothing reaches it" in picture.value
