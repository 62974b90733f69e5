"""Exercise 03.2: one layer of the network: from the activations of the layer before to its own."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "03.2",
    minutes=8,
    hints=(
        "Three steps, in this order: the weighted sums of all neurons, their biases, then the "
        "sigmoid of each.",
        "W has one row for each neuron of this layer. Row times activations, summed, is that "
        "neuron's weighted sum; W @ a does it for all rows at once.",
        "torch.sigmoid(W @ a + b). If you write the sigmoid yourself, write 1 / (1 + exp(-z)): for "
        "a very low z, exp becomes infinite there, and 1 / inf is the right 0.",
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
    "weights of different neurons; even a true transpose would be one too many, because W @ a "
    "already goes along the rows."
)
def _weights_reshaped(W: Tensor, b: Tensor, a: Tensor) -> Tensor:
    return torch.sigmoid(a @ W.reshape(len(a), len(b)) + b)


@layer.wrong(
    "Which curve is it? ReLU cuts off at 0 and has no upper end; sigma squeezes everything between "
    "0 and 1."
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
    "numerator and denominator by exp(z), on paper, and write that."
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
