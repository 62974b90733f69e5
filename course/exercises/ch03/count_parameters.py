"""Exercise 03.1: count everything that a network can learn: its weights and its biases."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "03.1",
    minutes=6,
    hints=(
        "Go from layer to layer. What belongs to a layer: how many lines come in from the layer "
        "before, and what does each of its neurons have besides?",
        "Between two layers, every neuron on the left has a line to every neuron on the right. And "
        "every neuron on the right has one bias. The input layer computes nothing, so it has "
        "neither.",
        "For each layer but the first: its neurons times (the neurons of the layer before, plus "
        "one for the bias). Add these up.",
    ),
)
def count_parameters(sizes: list[int]) -> int:
    """Count everything that a network can learn: its weights and its biases.

    The network is fully connected: every neuron has a weight for each neuron of the
    layer before, and one bias.

    sizes: the number of neurons of each layer, the input layer first, for example
    [784, 16, 16, 10].
    Returns the number of weights and biases together, an int.
    """
    total = 0
    # the input layer, place 0, has no weights and no biases
    for place in range(1, len(sizes)):
        total += sizes[place] * (sizes[place - 1] + 1)  # + 1: the bias
    return total


@count_parameters.also_right
def _weights_then_biases(sizes: list[int]) -> int:
    weights = sum(before * after for before, after in itertools.pairwise(sizes))
    return weights + sum(sizes[1:])


@count_parameters.also_right
def _count_a_real_network(sizes: list[int]) -> int:
    layers = [
        torch.nn.Linear(before, after, device="meta") for before, after in itertools.pairwise(sizes)
    ]
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


@count_parameters.also_right
def _dot_product(sizes: list[int]) -> Tensor:
    neurons = torch.tensor(sizes)
    return (neurons[:-1] + 1) @ neurons[1:]


@count_parameters.also_right
def _numpy_products(sizes: list[int]) -> np.integer:
    return np.sum(np.array(sizes[1:]) * (np.array(sizes[:-1]) + 1))


def _pairs(sizes: list[int]) -> list[tuple[int, int]]:
    return list(itertools.pairwise(sizes))


@count_parameters.wrong(
    "Is a weight all that a neuron learns? Each neuron after the input layer also has a bias."
)
def _no_biases(sizes: list[int]) -> int:
    return sum(before * after for before, after in _pairs(sizes))


@count_parameters.wrong(
    "Which neurons have a bias? Those of the input layer only hold the image: they have none."
)
def _biases_of_the_input(sizes: list[int]) -> int:
    return _no_biases(sizes) + sum(sizes)


@count_parameters.wrong(
    "How many biases does a layer have? One for each of its neurons; this counts one for the whole "
    "layer."
)
def _one_bias_per_layer(sizes: list[int]) -> int:
    return _no_biases(sizes) + len(sizes) - 1


@count_parameters.wrong("Do the output neurons have a bias? Yes: only the input layer has none.")
def _no_biases_at_the_output(sizes: list[int]) -> int:
    return _no_biases(sizes) + sum(sizes[1:-1])


@count_parameters.wrong(
    "Whose biases are these? A layer has as many biases as it has neurons itself, not as many as "
    "the layer before it."
)
def _biases_of_the_layer_before(sizes: list[int]) -> int:
    return _no_biases(sizes) + sum(sizes[:-1])


@count_parameters.wrong(
    "Does every weight have a bias of its own? No: a neuron adds up all that its weights bring, "
    "and then one bias."
)
def _a_bias_for_every_weight(sizes: list[int]) -> int:
    return 2 * _no_biases(sizes)


@count_parameters.wrong(
    "What connects the first layer with the last? Nothing directly: multiply neighbours only, and "
    "add the products."
)
def _product_of_all(sizes: list[int]) -> int:
    return math.prod(sizes)


@count_parameters.wrong(
    "Which layers are connected? Only neighbours. This draws a line between any two layers of the "
    "network."
)
def _every_pair_of_layers(sizes: list[int]) -> int:
    return sum(before * after for before, after in itertools.combinations(sizes, 2)) + sum(
        sizes[1:]
    )


@count_parameters.wrong(
    "What comes after the first step? This counts the weights into the first hidden layer only."
)
def _first_layer_only(sizes: list[int]) -> int:
    return sizes[1] * (sizes[0] + 1)


@count_parameters.wrong(
    "Where does your loop end? The last layer, the outputs, has weights and biases too."
)
def _last_layer_forgotten(sizes: list[int]) -> int:
    return sum(after * (before + 1) for before, after in _pairs(sizes[:-1]))


@count_parameters.wrong(
    "Where does your loop begin? The weights from the input layer into the next one are missing: "
    "they are the most."
)
def _first_layer_forgotten(sizes: list[int]) -> int:
    return sum(after * (before + 1) for before, after in _pairs(sizes[1:]))


@count_parameters.wrong(
    "What does a network learn: its neurons, or what lies between them? This counts the neurons."
)
def _neurons(sizes: list[int]) -> int:
    return sum(sizes)


@count_parameters.wrong(
    "How many lines run between two layers? From every neuron to every neuron: that is a product, "
    "not a sum."
)
def _sizes_added(sizes: list[int]) -> int:
    return sum(before + after for before, after in _pairs(sizes)) + sum(sizes[1:])


@count_parameters.wrong(
    "Does the place for the bias count on both sides? A layer's neurons have one weight more each, "
    "but no neuron is added to the layer itself."
)
def _bias_neuron_on_both_sides(sizes: list[int]) -> int:
    return sum((before + 1) * (after + 1) for before, after in _pairs(sizes))


@count_parameters.inputs
def _networks(rng: torch.Generator) -> Iterator[tuple[list[int]]]:
    yield ([3, 2],)
    yield ([4, 3, 2],)
    yield ([784, 16, 16, 10],)
    yield ([1, 5, 1],)
    yield ([2, 2, 2, 2],)
    for layers in (2, 3, 4, 5, 6, 9):
        for largest in (9, 300):
            yield (torch.randint(1, largest, (layers,), generator=rng).tolist(),)
    yield ([3072, 100, 30, 7],)
