"""Exercises of chapter 03: parameters, a layer, the cost, gradient descent,
mini-batches.
"""

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

# 03.1


@exercise(
    "03.1",
    minutes=6,
    hints=(
        "Go from layer to layer. What belongs to a layer: how many lines come in from the layer "
        "before, and what does "
        "each of its neurons have besides?",
        "Between two layers, every neuron on the left has a line to every neuron on the right. "
        "And every neuron on the "
        "right has one bias. The input layer computes nothing, so it has neither.",
        "For each layer but the first: its neurons times (the neurons of the layer before, plus "
        "one for the bias). Add "
        "these up.",
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
    "How many biases does a layer have? One for each of its neurons; this counts one for the "
    "whole layer."
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


# 03.2


@exercise(
    "03.2",
    minutes=8,
    hints=(
        "Three steps, in this order: the weighted sums of all neurons, their biases, then the "
        "sigmoid of each.",
        "W has one row for each neuron of this layer. Row times activations, summed, is that "
        "neuron's weighted sum; "
        "W @ a does it for all rows at once.",
        "torch.sigmoid(W @ a + b). If you write the sigmoid yourself, write 1 / (1 + exp(-z)): "
        "for a very low z, exp "
        "becomes infinite there, and 1 / inf is the right 0.",
    ),
)
def layer(W: torch.Tensor, b: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    """One layer of the network: from the activations of the layer before to its own.

    W: the weights, shape (out, in): one row for each neuron of this layer.
    b: the biases, shape (out,).
    a: the activations of the layer before, shape (in,).
    Returns the activations sigma(W a + b), shape (out,). The weighted sums may be as
    large as 1000 or as low as -1000.
    """
    z = W @ a + b  # the weighted sums, (out,)
    return torch.sigmoid(z)


@layer.also_right
def _neuron_by_neuron_in_float64(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    activations = []
    for weights, bias in zip(W.tolist(), b.tolist(), strict=True):
        z = bias + sum(weight * value for weight, value in zip(weights, a.tolist(), strict=True))
        small = math.exp(-abs(z))  # never above 1
        activations.append(1 / (1 + small) if z >= 0 else small / (1 + small))
    return torch.tensor(activations, dtype=torch.float64)


@layer.also_right
def _einsum_and_formula(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    z = torch.einsum("oi,i->o", W, a) + b
    return 1 / (1 + (-z).exp())


@layer.also_right
def _library_layer(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return F.linear(a, W, b).sigmoid()


@layer.also_right
def _broadcast_products(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return F.logsigmoid((W.double() * a).sum(dim=1) + b).exp()


@layer.wrong("Where is the bias? It is added to the weighted sum, before the sigmoid.")
def _no_bias(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid(W @ a)


@layer.wrong(
    "When is the bias added? It moves the weighted sum, so it comes before the sigmoid, not after "
    "it."
)
def _bias_last(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid(W @ a) + b


@layer.wrong(
    "Which sign has the bias? It is added: a negative bias is what makes a neuron hard to excite."
)
def _bias_subtracted(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid(W @ a - b)


@layer.wrong(
    "How often does a neuron add its bias? Once, to the finished sum, and not to each of the "
    "products."
)
def _bias_in_each_product(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid((W * a + b[:, None]).sum(dim=1))


@layer.wrong(
    "Which numbers of W belong to one neuron? A row does. Reshaping W to (in, out) mixes the "
    "weights of different "
    "neurons; even a true transpose would be one too many, because W @ a already goes along the "
    "rows."
)
def _weights_reshaped(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid(a @ W.reshape(len(a), len(b)) + b)


@layer.wrong(
    "Which curve is it? ReLU cuts off at 0 and has no upper end; sigma squeezes everything "
    "between 0 and 1."
)
def _relu(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.relu(W @ a + b)


@layer.wrong("Does it stay between 0 and 1? These are the weighted sums z: the sigmoid is missing.")
def _no_activation(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return W @ a + b


@layer.wrong("Can an activation be negative? With tanh it can; the sigmoid runs from 0 to 1.")
def _tanh(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.tanh(W @ a + b)


@layer.wrong(
    "First the sum or first the sigmoid? A neuron squeezes its whole weighted sum, once, and not "
    "each product."
)
def _sigmoid_of_each_product(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid(W * a).sum(dim=1) + b


@layer.wrong(
    "What is exp of a large weighted sum? It is infinite, and inf / inf is not a number. Divide "
    "numerator and "
    "denominator by exp(z), on paper, and write that."
)
def _unstable(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    powers = (W @ a + b).exp()
    return powers / (1 + powers)


@layer.wrong(
    "Does a larger sum make the neuron more active? Here less: the sigmoid has exp(-z), with a "
    "minus."
)
def _sign_of_the_power(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return 1 / (1 + (W @ a + b).exp())


@layer.wrong(
    "Sum or mean? A neuron adds its products up; it does not divide by how many there are."
)
def _mean_of_the_products(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid((W * a).mean(dim=1) + b)


@layer.wrong(
    "Do the neurons of a layer compete? With softmax they add up to 1; here each one is squeezed "
    "by itself."
)
def _softmax(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.softmax(W @ a + b, dim=0)


@layer.wrong(
    "How often is the sigmoid applied? Once is enough: `a` comes out of the layer before as it is."
)
def _squeezed_before(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid(W @ torch.sigmoid(a) + b)


@layer.inputs
def _weights_and_activations(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    # one neuron
    yield torch.tensor([[1.0, -2.0]]), torch.tensor([0.5]), torch.tensor([1.0, 0.25])
    yield (
        torch.tensor([[1.0, 2.0], [0.0, -1.0]]),
        torch.tensor([0.0, 1.0]),
        torch.tensor([0.5, 1.0]),
    )
    for n_out, n_in in ((1, 4), (4, 1), (2, 3), (3, 3), (5, 2), (4, 4), (16, 9), (7, 40)):
        for size in (1.0, 0.01):
            W = torch.randn(n_out, n_in, generator=rng) * size
            yield W, torch.randn(n_out, generator=rng) * size, torch.rand(n_in, generator=rng)
    # biases that saturate the neuron
    for low, high in ((-1000.0, 1000.0), (-300.0, 80.0)):
        b = torch.tensor([high, low, 0.5, high])
        yield torch.randn(4, 3, generator=rng), b, torch.rand(3, generator=rng)
    # weights that do
    W = torch.tensor([[500.0, 500.0], [-500.0, -500.0], [0.5, -0.25]])
    yield W, torch.randn(3, generator=rng), torch.tensor([1.0, 0.75])
    yield (
        torch.randn(3, 5, generator=rng),
        torch.randn(3, generator=rng),
        torch.randn(5, generator=rng) * 3,
    )


# 03.3


@exercise(
    "03.3",
    minutes=8,
    hints=(
        "What should the network have said? For each image, 1 at the place of its label and 0 at "
        "all others.",
        "Make these targets as a tensor of the shape of `outputs`: "
        "torch.nn.functional.one_hot(labels, "
        "outputs.shape[1]) does it. Then take the differences, and square each of them.",
        "Add the squares up along the last axis: that is one cost for each image. Then take the "
        "mean of these costs.",
    ),
)
def cost(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The cost of a network: how far its outputs are from what they should have been.

    The cost of one image is the sum, over all outputs, of the squared difference
    between the output and its target. The target is 1 for the output of the right
    digit, and 0 for the others.

    outputs: the activations of the last layer, shape (image, output). There are not
    always ten outputs.
    labels: the right digit of each image, whole numbers, shape (image,).
    Returns the mean of the costs of all images: a tensor with one number, shape ().
    """
    targets = torch.zeros_like(outputs)
    targets[torch.arange(len(labels)), labels] = 1.0
    return ((outputs - targets) ** 2).sum(dim=-1).mean()


def _targets(outputs: Tensor, labels: Tensor) -> Tensor:
    """1 for the right digit, 0 for the others, (image, output)."""
    return F.one_hot(labels, outputs.shape[-1]).to(outputs.dtype)


@cost.also_right
def _library_sum(outputs: Tensor, labels: Tensor) -> Tensor:
    return F.mse_loss(outputs, _targets(outputs, labels), reduction="sum") / len(outputs)


@cost.also_right
def _loops_in_float64(outputs: Tensor, labels: Tensor) -> float:
    total = 0.0
    for row, label in zip(outputs.tolist(), labels.tolist(), strict=True):
        for place, value in enumerate(row):
            total += (value - (place == label)) ** 2
    return total / len(outputs)


@cost.also_right
def _einsum_of_differences(outputs: Tensor, labels: Tensor) -> Tensor:
    off = outputs.double() - torch.eye(outputs.shape[1], dtype=torch.float64)[labels]
    return torch.einsum("io,io->", off, off) / len(off)


@cost.also_right
def _mean_of_squares_times_outputs(outputs: Tensor, labels: Tensor) -> np.floating:
    off = outputs.numpy() - np.eye(outputs.shape[1], dtype=np.float32)[labels.numpy()]
    return np.square(off).mean() * outputs.shape[1]


def _squares(outputs: Tensor, labels: Tensor) -> Tensor:
    """The squared differences, (image, output)."""
    return (outputs - _targets(outputs, labels)) ** 2


@cost.wrong(
    "Mean over what? Over the images only; this divides by the number of outputs as well, as a "
    "mean over everything "
    "does. The squares of one image are added up."
)
def _mean_over_everything(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).mean()


@cost.wrong(
    "Sum or mean over the images? The mean: the cost must not grow just because there are more "
    "images."
)
def _sum_over_images(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum()


@cost.wrong("One number, or one for each image? The mean over the images is missing.")
def _one_for_each_image(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=-1)


@cost.wrong(
    "Which axis is summed, and which averaged? This adds up over the images and averages over the "
    "outputs: "
    "it is the other way round."
)
def _axes_swapped(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=0).mean()


@cost.wrong(
    "Are the differences squared? These are their absolute values: a large miss must count for "
    "much more."
)
def _absolute(outputs: Tensor, labels: Tensor) -> Tensor:
    return (outputs - _targets(outputs, labels)).abs().sum(dim=-1).mean()


@cost.wrong("Is that a cost or a distance? There is a square root too many.")
def _root(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=-1).sqrt().mean()


@cost.wrong(
    "Where does the 1/2 come from? Some books have it, to save a factor later. This cost is "
    "without."
)
def _half(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=-1).mean() / 2


@cost.wrong(
    "First square or first add? Differences of opposite sign must not cancel out: square each one "
    "first."
)
def _square_of_the_sum(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs - _targets(outputs, labels)).sum(dim=-1) ** 2).mean()


@cost.wrong(
    "Is a 7 further from a 1 than a 2 is? Labels are names, not quantities. Compare the outputs "
    "with a row of 0s and "
    "one 1, not the strongest output's number with the label."
)
def _number_against_label(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs.argmax(dim=-1) - labels).to(outputs.dtype) ** 2).mean()


@cost.wrong(
    "What should each output have been? 1 or 0. Here the label itself is subtracted from all of "
    "them."
)
def _label_as_target(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs - labels[:, None]) ** 2).sum(dim=-1).mean()


@cost.wrong(
    "Do the other outputs count? They should have been 0, and a wrong digit that lights up has to "
    "cost."
)
def _right_output_only(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs[torch.arange(len(labels)), labels] - 1) ** 2).mean()


@cost.wrong(
    "Where is the output of the right digit? It should have been 1, and its miss counts like any "
    "other."
)
def _wrong_outputs_only(outputs: Tensor, labels: Tensor) -> Tensor:
    return (_squares(outputs, labels) * (1 - _targets(outputs, labels))).sum(dim=-1).mean()


@cost.wrong("Is there a 1 anywhere? This squares the outputs alone, as if every target were 0.")
def _no_targets(outputs: Tensor, labels: Tensor) -> Tensor:
    return (outputs**2).sum(dim=-1).mean()


@cost.wrong(
    "Whose word counts, the label's or the network's? The 1 belongs at the label, not at the "
    "strongest output."
)
def _believes_the_network(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, outputs.argmax(dim=-1)).sum(dim=-1).mean()


@cost.wrong(
    "Which cost is asked for? This is the cross-entropy of the last chapter; here it is squared "
    "differences."
)
def _cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(outputs, labels)


@cost.wrong("Do the outputs need a softmax? They are activations already: take them as they are.")
def _softmax_first(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs.softmax(dim=-1), labels).sum(dim=-1).mean()


@cost.inputs
def _outputs_and_labels(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[0.5, 0.25, 0.0]]), torch.tensor([0])
    yield torch.tensor([[0.0, 1.0], [0.5, 0.5], [1.0, 0.25]]), torch.tensor([1, 0, 1])
    for images, n_outputs in ((1, 10), (7, 10), (4, 2), (3, 5), (6, 6), (50, 3), (2, 26)):
        for size in (1.0, 0.01):
            labels = torch.randint(n_outputs, (images,), generator=rng)
            yield torch.rand(images, n_outputs, generator=rng) * size, labels
    for size in (5.0, 300.0):  # outputs without a sigmoid
        yield torch.randn(5, 4, generator=rng) * size, torch.randint(4, (5,), generator=rng)
    confident = 8 * torch.eye(10)[torch.randint(10, (6,), generator=rng)] - 4
    # sure, and often wrong
    yield torch.sigmoid(confident), torch.randint(10, (6,), generator=rng)


# 03.4


@exercise(
    "03.4",
    minutes=8,
    hints=(
        "The gradient points uphill. In which direction do you go, and how far?",
        "A step is rate * gradient(position), and it is subtracted. The gradient is asked anew at "
        "each position.",
        "Begin with position = start; repeat `steps` times: position = position - rate * "
        "gradient(position). The short "
        "form with -= would change start.",
    ),
)
def descend(gradient, start: torch.Tensor, rate: float, steps: int) -> torch.Tensor:
    """Gradient descent: walk downhill, step by step.

    gradient: a function. It takes a position, shape (n,), and gives the gradient of the
    cost there, shape (n,).
    start: where the walk begins, shape (n,). It stays as it is.
    rate: the learning rate: a step is the gradient times this number.
    steps: how many steps to take, 0 or more.
    Returns the position after the last step, shape (n,).
    """
    position = start
    for _ in range(steps):
        # a new tensor: `-=` would change start
        position = position - rate * gradient(position)
    return position


Gradient = Callable[[Tensor], Tensor]


@descend.also_right
def _in_place_on_a_copy(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    position = start.clone()
    while steps > 0:
        position -= rate * gradient(position)
        steps -= 1
    return position


@descend.also_right
def _recursive(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    if steps == 0:
        return start
    before = _recursive(gradient, start, rate, steps - 1)
    return torch.sub(before, gradient(before), alpha=rate)


@descend.also_right
def _float64_by_coordinates(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    position = start.double()
    for _ in range(steps):
        slopes = gradient(position).tolist()
        moved = [
            value - rate * slope for value, slope in zip(position.tolist(), slopes, strict=True)
        ]
        position = torch.tensor(moved, dtype=torch.float64)
    return position


@descend.also_right
def _library_optimizer(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    position = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.SGD([position], lr=rate)
    for _ in range(steps):
        position.grad = gradient(position.detach())
        optimizer.step()
    return position.detach()


def _walk(
    gradient: Gradient,
    start: Tensor,
    rate: float,
    steps: int,
    *,
    step: Callable[[Tensor, float], Tensor] = lambda slopes, rate: -rate * slopes,
    where: Callable[[Tensor], Tensor] = lambda position: position,
) -> Tensor:
    """The right walk, with parts that can be put wrongly: what a step is, and where the
    gradient is asked for.
    """
    position = start
    for _ in range(steps):
        position = position + step(gradient(where(position)), rate)
    return position


@descend.wrong("Which way does the gradient point? Uphill. Subtract the step to go down.")
def _uphill(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, -rate, steps)


@descend.wrong(
    "Where do you ask for the gradient? It changes on the way: ask at each new position, not only "
    "at start."
)
def _gradient_of_the_start(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps, where=lambda position: start)


@descend.wrong("How many steps did it take? One less than `steps`. Look at the ends of your loop.")
def _one_too_few(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps - 1)


@descend.wrong(
    "How many steps did it take? One more than `steps`; with 0 steps it must not move at all."
)
def _one_too_many(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps + 1)


@descend.wrong(
    "Does it go on? After the first step it returns: the `return` belongs behind the loop, not "
    "inside."
)
def _return_in_the_loop(
    gradient: Gradient, start: Tensor, rate: float, steps: int
) -> Tensor | None:
    return _walk(gradient, start, rate, 1) if steps else None


@descend.wrong(
    "Where does `steps` come in? This takes one step, however many are asked for: it needs a loop."
)
def _single_step(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, 1)


@descend.wrong(
    "How long is a step? Where the ground is flat, it is short: the gradient's length counts, not "
    "only its direction."
)
def _steps_of_equal_length(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(
        gradient, start, rate, steps, step=lambda slopes, rate: -rate * slopes / slopes.norm()
    )


@descend.wrong(
    "Does only the sign of each slope count? A steep coordinate has to move further than a flat "
    "one."
)
def _signs(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps, step=lambda slopes, rate: -rate * slopes.sign())


@descend.wrong(
    "Where is the learning rate? A step is the gradient times the rate; without it, the steps are "
    "too long."
)
def _no_rate(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, 1.0, steps)


@descend.wrong("Times or divided by the rate? A small rate makes small steps: multiply by it.")
def _divided_by_the_rate(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps, step=lambda slopes, rate: -slopes / rate)


@descend.wrong("What is asked for? Only where the walk ends; this gives the whole path.")
def _whole_path(gradient: Gradient, start: Tensor, rate: float, steps: int) -> list[Tensor]:
    return [_walk(gradient, start, rate, taken) for taken in range(min(steps, 30) + 1)]


@descend.wrong(
    "What is asked for? The position itself; this gives how far it has moved from start."
)
def _way_from_the_start(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return _walk(gradient, start, rate, steps) - start


@descend.wrong("What is asked for? The position at the end; this is the gradient there.")
def _gradient_at_the_end(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    return gradient(_walk(gradient, start, rate, steps))


@descend.wrong(
    "Do all coordinates move at the same time? This moves one, and then asks for the gradient of "
    "the next one at a "
    "place that is half old, half new. Ask once for each step."
)
def _one_coordinate_after_the_other(
    gradient: Gradient, start: Tensor, rate: float, steps: int
) -> Tensor:
    position = start.clone()
    for _ in range(steps):
        for place in range(len(position)):
            position[place] -= rate * gradient(position)[place]
    return position


@descend.wrong(
    "Whose tensor is `start`? `-=` changes the tensor of whoever called you, even if you gave it "
    "another name. Write "
    "position = position - …, or begin with start.clone()."
)
def _start_changed(gradient: Gradient, start: Tensor, rate: float, steps: int) -> Tensor:
    for _ in range(steps):
        start -= rate * gradient(start)
    return start


def _parabola(position: Tensor) -> Tensor:
    """the gradient of x²"""
    return 2 * position


def _valley(position: Tensor) -> Tensor:
    """the gradient of x² + 10 y²"""
    return position * torch.tensor([2.0, 20.0])


def _tilted(position: Tensor) -> Tensor:
    """the gradient of x² + x y + y²"""
    return 2 * position + position.flip(0)


def _two_dips(position: Tensor) -> Tensor:
    """the gradient of (x² - 1)² + y²"""
    x, y = position
    return torch.stack([4 * x * (x**2 - 1), 2 * y])


def _waves(position: Tensor) -> Tensor:
    """the gradient of cos x + cos y + cos z + x y z / 5"""
    others = torch.stack(
        [position[1] * position[2], position[0] * position[2], position[0] * position[1]]
    )
    return others / 5 - position.sin()


def _bowl(n: int, rng: torch.Generator) -> Gradient:
    """The gradient of a bowl in n dimensions, with its lowest point away from 0, and
    askew.
    """
    mixed, lowest = torch.randn(n, n, generator=rng), torch.randn(n, generator=rng)
    curvature = mixed @ mixed.T / n + 0.2 * torch.eye(n)

    def gradient(position: Tensor) -> Tensor:
        return curvature.to(position.dtype) @ (position - lowest)

    gradient.__doc__ = f"the gradient of a bowl in {n} dimensions"
    return gradient


@descend.inputs
def _slopes_and_starts(rng: torch.Generator) -> Iterator[tuple[Gradient, Tensor, float, int]]:
    yield _parabola, torch.tensor([4.0]), 0.25, 1
    yield _parabola, torch.tensor([3.0]), 0.1, 2
    yield _valley, torch.tensor([1.0, -2.0]), 0.02, 0
    yield _valley, torch.tensor([5.0, 1.0]), 0.09, 5
    yield _valley, torch.tensor([1.0, 1.0]), 0.11, 12  # a rate too large: it climbs out
    yield _tilted, torch.tensor([300.0, -100.0]), 0.3, 3
    yield _two_dips, torch.tensor([0.1, 2.0]), 0.05, 12
    for rate, steps in ((0.02, 1), (0.1, 3), (0.05, 10), (0.01, 60)):
        yield _tilted, torch.randn(2, generator=rng) * 4, rate, steps
    # few: a mistake would soon jump about at random here
    for rate, steps in ((0.02, 1), (0.3, 2), (0.1, 3)):
        yield _waves, torch.randn(3, generator=rng), rate, steps
    for n, size, rate, steps in (
        (1, 1.0, 0.1, 4),
        (3, 100.0, 0.05, 7),
        (4, 0.001, 0.2, 2),
        (6, 3.0, 0.03, 50),
    ):
        yield _bowl(n, rng), torch.randn(n, generator=rng) * size, rate, steps
    yield _bowl(5, rng), torch.randn(5, generator=rng), 0.1, 0


# 03.5


@exercise(
    "03.5",
    minutes=6,
    hints=(
        "Where does each batch begin? The first at 0, the second at `size`, and so on, as long as "
        "images are left.",
        "range(0, len(order), size) gives these beginnings. Cut the piece from each beginning to "
        "the next one out of "
        "`order`; a slice that reaches beyond the end simply stops there.",
        "A list of order[begin : begin + size], one for each begin in that range.",
    ),
)
def minibatches(order: torch.Tensor, size: int) -> list:
    """Cut a shuffled training set into mini-batches.

    order: the numbers of the images in the order in which they shall be used, already
    shuffled, shape (n,).
    size: how many images a batch holds. The last batch holds what is left, which may be
        less.
    Returns the batches: a list of tensors, which hold every image once, in the given
        order.
    """
    return [order[begin : begin + size] for begin in range(0, len(order), size)]


@minibatches.also_right
def _library_split(order: Tensor, size: int) -> tuple[Tensor, ...]:
    return order.split(size)


@minibatches.also_right
def _one_by_one(order: Tensor, size: int) -> list[Tensor]:
    batches: list[list[int]] = []
    for place, image in enumerate(order.tolist()):
        if place % size == 0:
            batches.append([])
        batches[-1].append(image)
    return [torch.tensor(batch) for batch in batches]


@minibatches.also_right
def _take_from_the_front(order: Tensor, size: int) -> list[Tensor]:
    batches = []
    while len(order):
        batches.append(order[:size].clone())
        order = order[size:]
    return batches


@minibatches.also_right
def _count_the_batches(order: Tensor, size: int) -> list[Tensor]:
    count = math.ceil(len(order) / size)
    return [
        torch.as_tensor(order.numpy()[number * size : (number + 1) * size])
        for number in range(count)
    ]


@minibatches.wrong(
    "Where are the last images? The last batch may be shorter than the others, but it is used."
)
def _short_one_dropped(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size] for begin in range(0, len(order) - size + 1, size)]


@minibatches.wrong(
    "How often is an image used? Here it is in many batches: the next batch begins where this one "
    "ends."
)
def _windows(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size] for begin in range(max(1, len(order) - size + 1))]


@minibatches.wrong(
    "Which images stand together? Neighbours in the order do; these batches jump through the "
    "whole order instead, as "
    "when cards are dealt."
)
def _dealt(order: Tensor, size: int) -> list[Tensor]:
    count = math.ceil(len(order) / size)
    return [order[number::count] for number in range(count)]


@minibatches.wrong(
    "What does `size` count? The images in a batch. Here it is the number of batches."
)
def _count_instead_of_size(order: Tensor, size: int) -> list[Tensor]:
    return list(order.chunk(size))


@minibatches.wrong(
    "In which order do the images come? In the one that is given: sorting undoes the shuffling."
)
def _sorted(order: Tensor, size: int) -> list[Tensor]:
    return list(order.sort().values.split(size))


@minibatches.wrong(
    "Which numbers are in the batches? These are places, counted from 0. The images are what "
    "`order` holds there."
)
def _places(order: Tensor, size: int) -> list[Tensor]:
    return list(torch.arange(len(order)).split(size))


@minibatches.wrong(
    "What if the images come out even? Then nothing is left for one more batch, and an empty one "
    "has no mean."
)
def _empty_one_at_the_end(order: Tensor, size: int) -> list[Tensor]:
    return [order[number * size : (number + 1) * size] for number in range(len(order) // size + 1)]


@minibatches.wrong("Where are the other batches? Only the first one comes back.")
def _first_only(order: Tensor, size: int) -> list[Tensor]:
    return [order[:size]]


@minibatches.wrong(
    "What does the last batch hold? Only what is left. Filled up from the beginning, some images "
    "would be used twice."
)
def _filled_up(order: Tensor, size: int) -> list[Tensor]:
    return [
        order[torch.arange(begin, begin + size) % len(order)]
        for begin in range(0, len(order), size)
    ]


@minibatches.wrong(
    "What stands at the end of the last batch? Zeros that fill it up would be read as image "
    "number 0."
)
def _filled_with_zeros(order: Tensor, size: int) -> list[Tensor]:
    return list(F.pad(order, (0, -len(order) % size)).split(size))


@minibatches.wrong(
    "How large is the last batch? The images that are left make a batch of their own, a shorter "
    "one."
)
def _rest_joined_to_the_last(order: Tensor, size: int) -> list[Tensor]:
    count = max(1, len(order) // size)
    begins = [number * size for number in range(count)]
    return [order[begin:end] for begin, end in zip(begins, [*begins[1:], len(order)], strict=True)]


@minibatches.wrong("Which batch is the short one? The last: full batches come first.")
def _short_one_first(order: Tensor, size: int) -> list[Tensor]:
    rest = len(order) % size
    return ([order[:rest]] if rest else []) + list(
        order[rest:].split(size) if rest < len(order) else []
    )


@minibatches.wrong(
    "Is the end of a slice part of it? No: order[begin : begin + size] holds `size` images; this "
    "holds one more, "
    "which the next batch has too."
)
def _one_more_in_each(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size + 1] for begin in range(0, len(order), size)]


@minibatches.wrong(
    "Is the end of a slice part of it? No: it stops before, so nothing has to be subtracted from "
    "it."
)
def _one_less_in_each(order: Tensor, size: int) -> list[Tensor]:
    return [order[begin : begin + size - 1] for begin in range(0, len(order), size)]


@minibatches.inputs
def _orders_and_sizes(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.tensor([3, 0, 2, 4, 1]), 2
    yield torch.tensor([2, 5, 0, 1, 4, 3]), 3  # comes out even
    yield torch.tensor([64, 7, 32, 50, 11, 48, 9]), 4  # a part of a larger set
    for n, size in (
        (1, 1),
        (7, 1),
        (4, 9),
        (8, 8),
        (9, 8),
        (10, 4),
        (31, 7),
        (64, 16),
        (100, 30),
        (1000, 64),
    ):
        yield torch.randperm(n, generator=rng), size
    some = 50_000 + torch.randperm(60, generator=rng)
    yield some[:23], 5
    yield some[23:47], 6
