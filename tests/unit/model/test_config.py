import re
import subprocess
import sys

import pytest

from utils.model.config import GPTConfig, check_layer, check_layers


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


SIZES = {"vocab_size": 11, "context_length": 8, "n_layer": 2, "n_head": 6, "d_model": 24}


def test_sizes_that_are_not_given_follow_from_the_others():
    config = GPTConfig(**SIZES)
    assert (config.n_kv_head, config.d_head, config.d_mlp) == (6, 4, 96)
    given = {"n_kv_head": 3, "d_head": 10, "d_mlp": 7}
    assert {name: getattr(GPTConfig(**SIZES, **given), name) for name in given} == given


@pytest.mark.parametrize("name", ["n_kv_head", "d_head", "d_mlp", "n_layer"])
def test_a_size_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} is 0; it counts something, so give 1 or more"):
        GPTConfig(**(SIZES | {name: 0}))


def test_a_misspelt_choice_is_refused():
    """In a process of its own: beartype, which the tests use, is not there for a learner."""
    code = (
        "from utils import GPTConfig\n"
        "sizes = {'vocab_size': 11, 'context_length': 8, 'n_layer': 2, 'n_head': 6, 'd_model': 24}\n"
        "GPTConfig(**sizes, position='alibbi')"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    choices = "choose one of 'learned', 'sinusoid', 'rope', 'none'."
    assert f"ValueError: position is 'alibbi'; {choices}" in said.stderr
