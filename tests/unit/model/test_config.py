import re

import pytest

from utils.model.config import check_layer, check_layers


@pytest.mark.parametrize("layer", [0, 1, 4])
def test_a_layer_that_is_there_passes(layer):
    check_layer(layer, 5)
    check_layers([layer], 5)
    check_layers([2, layer, 0], 5)


@pytest.mark.parametrize("layer", [-1, 5, 6])
def test_a_layer_that_is_not_there_is_a_sentence(layer):
    with pytest.raises(ValueError, match=f"there is no layer {layer}: give one from 0 to 4"):
        check_layer(layer, 5)
    for layers in ([layer, 2], [2, layer]):
        says = f"layers is {layers}; choose at least one from 0 to 4."
        with pytest.raises(ValueError, match=re.escape(says)):
            check_layers(layers, 5)


def test_no_layers_are_too_few():
    with pytest.raises(ValueError, match=r"layers is \[\]; choose at least one from 0 to 2"):
        check_layers([], 3)
