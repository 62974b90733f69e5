"""Exercises of chapter 04: backward passes by hand, from one neuron to attention and
layer norm.
"""

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

# 04.1


@exercise(
    "04.1",
    minutes=10,
    hints=(
        "Go backward, link by link: C depends on a, a depends on z, and z depends on w, b and "
        "a_prev.",
        "dC/da = 2 (a - y), and da/dz = sigma'(z), which is a (1 - a). Their product is dC/dz, "
        "and all three answers "
        "begin with it.",
        "z = w * a_prev + b, so dz/dw is a_prev, dz/db is 1 and dz/da_prev is w. Multiply dC/dz "
        "by each of them.",
    ),
)
def neuron_gradients(w: float, b: float, a_prev: float, y: float) -> list:
    """The gradients of one neuron, by the chain rule.

    The neuron computes z = w * a_prev + b and a = sigma(z), with the sigmoid sigma.
    Its cost is C = (a - y)**2.

    w, b: its weight and its bias.
    a_prev: the activation that comes in.
    y: what a should have been.
    Returns [dC/dw, dC/db, dC/da_prev], three numbers.
    """
    a = 1 / (1 + math.exp(-(w * a_prev + b)))
    dC_dz = 2 * (a - y) * a * (1 - a)  # dC/da times da/dz
    return [dC_dz * a_prev, dC_dz, dC_dz * w]


@neuron_gradients.also_right
def _torch_autograd(w: float, b: float, a_prev: float, y: float) -> list[Tensor]:
    with torch.enable_grad():
        leaves = [torch.tensor(value, requires_grad=True) for value in (w, b, a_prev)]
        a = torch.sigmoid(leaves[0] * leaves[2] + leaves[1])
        ((a - y) ** 2).backward()
    return [leaf.grad for leaf in leaves]


@neuron_gradients.also_right
def _central_differences(w: float, b: float, a_prev: float, y: float) -> tuple[float, ...]:
    def cost(w: float, b: float, a_prev: float) -> float:
        return (1 / (1 + math.exp(-w * a_prev - b)) - y) ** 2

    h, at = 1e-5, np.array([w, b, a_prev])
    return tuple((cost(*(at + h * way)) - cost(*(at - h * way))) / (2 * h) for way in np.eye(3))


@neuron_gradients.also_right
def _forward_in_small_steps(w: float, b: float, a_prev: float, y: float) -> tuple[np.floating, ...]:
    power = np.exp(-(np.float64(w) * a_prev + b))
    a = 1 / (1 + power)
    slope_of_sigma = power / (1 + power) ** 2  # another form of a (1 - a)
    d_bias = (2 * a - 2 * y) * slope_of_sigma
    return a_prev * d_bias, d_bias, w * d_bias


def _sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _neuron(
    w: float,
    b: float,
    a_prev: float,
    y: float,
    *,
    z: Callable[[float, float, float], float] = lambda w, b, a_prev: w * a_prev + b,
    of_cost: Callable[[float, float], float] = lambda a, y: 2 * (a - y),
    of_sigma: Callable[[float], float] = lambda a: a * (1 - a),
) -> list[float]:
    """The right chain, with links that can be put wrongly."""
    a = _sigma(z(w, b, a_prev))
    through = of_cost(a, y) * of_sigma(a)
    return [through * a_prev, through, through * w]


@neuron_gradients.wrong(
    "Where is the slope of sigma taken? At z. In terms of a, it is a (1 - a); a is no z that "
    "still has to be squeezed."
)
def _slope_of_sigma_at_a(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: _sigma(a) * (1 - _sigma(a)))


@neuron_gradients.wrong(
    "What is the slope of sigma? It is a (1 - a), with what comes out. z (1 - z) has no meaning."
)
def _slope_of_sigma_from_z(w: float, b: float, a_prev: float, y: float) -> list[float]:
    z = w * a_prev + b
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: z * (1 - z))


@neuron_gradients.wrong("What is the derivative of a square? The 2 comes down in front.")
def _two_forgotten(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: a - y)


@neuron_gradients.wrong(
    "Which is subtracted from which? If a is too large, a larger a costs more: a - y."
)
def _sign(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: 2 * (y - a))


@neuron_gradients.wrong(
    "Is a link of the chain missing? Between a and z stands sigma, and its slope is a (1 - a)."
)
def _no_slope_of_sigma(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: 1.0)


@neuron_gradients.wrong(
    "Does the cost play a part? These are the slopes of a. The first link, dC/da, is missing."
)
def _no_slope_of_the_cost(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: 1.0)


@neuron_gradients.wrong(
    "Which is the first link? The slope of the cost, 2 (a - y), and not the cost itself."
)
def _the_cost_itself(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_cost=lambda a, y: (a - y) ** 2)


@neuron_gradients.wrong("Can sigma get steeper and steeper? Its slope is a (1 - a), with a minus.")
def _plus_in_the_slope(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: a * (1 + a))


@neuron_gradients.wrong("Whose slope is 1 - a²? That of tanh. The sigmoid's is a (1 - a).")
def _slope_of_tanh(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, of_sigma=lambda a: 1 - a * a)


@neuron_gradients.wrong(
    "What is in z? The bias is missing in the forward pass, so a is not the neuron's activation."
)
def _bias_not_in_z(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return _neuron(w, b, a_prev, y, z=lambda w, b, a_prev: w * a_prev)


@neuron_gradients.wrong(
    "How does z change when w moves a little? By a_prev times as much: w and a_prev have changed "
    "places."
)
def _factors_swapped(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, of_b, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_a_prev, of_b, of_w]


@neuron_gradients.wrong(
    "How does z change when b moves a little? By just as much: dz/db is 1, and not a_prev."
)
def _bias_with_a_prev(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, _, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_w, of_w, of_a_prev]


@neuron_gradients.wrong(
    "Does the size of b matter for dz/db? z grows by as much as b does, so that slope is 1, not b."
)
def _bias_with_itself(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, of_b, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_w, of_b * b, of_a_prev]


@neuron_gradients.wrong(
    "Which chain leads to b? The same as to w: through the cost and through sigma. Only the last "
    "link, dz/db, is 1."
)
def _bias_alone_is_one(w: float, b: float, a_prev: float, y: float) -> list[float]:
    of_w, _, of_a_prev = _neuron(w, b, a_prev, y)
    return [of_w, 1.0, of_a_prev]


@neuron_gradients.wrong(
    "What is asked for? The gradients; these are w, b and a_prev after a step downhill."
)
def _a_step_downhill(w: float, b: float, a_prev: float, y: float) -> list[float]:
    return [
        value - slope for value, slope in zip((w, b, a_prev), _neuron(w, b, a_prev, y), strict=True)
    ]


@neuron_gradients.inputs
def _neurons(rng: torch.Generator) -> Iterator[tuple[float, float, float, float]]:
    yield 1.0, 0.0, 1.0, 0.0
    yield 2.0, -1.0, 0.5, 1.0  # z is 0
    yield -1.5, 0.5, 0.0, 1.0  # nothing comes in
    for size in (0.01, 0.5, 1.0, 2.0):
        for target in (0.0, 1.0, 0.3):
            w, b = (torch.randn(2, generator=rng, dtype=torch.float64) * size).clamp(-3, 3).tolist()
            yield w, b, 0.05 + 0.9 * float(torch.rand(1, generator=rng)), target
    yield 60.0, -1.0, 0.03, -2.0
    yield 0.02, 1.0, -70.0, 5.0  # the activation of a neuron without a sigmoid


# 04.2


@exercise(
    "04.2",
    minutes=12,
    hints=(
        "Begin with the shapes: a gradient has the shape of what it belongs to. Which product of "
        "two of the three "
        "tensors has the shape of x, and which that of W?",
        "One number of z is z[i, j] = sum over k of x[i, k] W[j, k], plus b[j]. So x[i, k] acts "
        "on row i of z only, "
        "but W[j, k] acts on z[i, j] for every i, and so does b[j]: add up over the batch.",
        "grad_z @ W for x; grad_z.T @ x for W, which adds up over the batch by itself; "
        "grad_z.sum(dim=0) for b.",
    ),
)
def linear_backward(x: torch.Tensor, W: torch.Tensor, grad_z: torch.Tensor) -> list:
    """The backward pass of a linear layer, for a whole batch.

    Forward, the layer computed z = x @ W.T + b, and the cost C is one number that
    depends on z.

    x: what came in, shape (batch, d_in).
    W: the weights, shape (d_out, d_in).
    grad_z: dC/dz, shape (batch, d_out).
    Returns [dC/dx, dC/dW, dC/db], of the shapes (batch, d_in), (d_out, d_in) and
    (d_out,).
    """
    grad_x = grad_z @ W
    grad_W = grad_z.T @ x  # adds up over the batch
    grad_b = grad_z.sum(dim=0)
    return [grad_x, grad_W, grad_b]


@linear_backward.also_right
def _einsum(x: Tensor, W: Tensor, grad_z: Tensor) -> tuple[Tensor, ...]:
    return (
        torch.einsum("bo,oi->bi", grad_z, W),
        torch.einsum("bo,bi->oi", grad_z, x),
        torch.einsum("bo->o", grad_z),
    )


@linear_backward.also_right
def _autograd_of_a_linear_layer(x: Tensor, W: Tensor, grad_z: Tensor) -> tuple[Tensor, ...]:
    with torch.enable_grad():
        leaves = [leaf.clone().requires_grad_() for leaf in (x, W, torch.zeros(len(W)))]
        return torch.autograd.grad(F.linear(*leaves), leaves, grad_z)


@linear_backward.also_right
def _numbers_in_loops(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    x, W, grad_z = x.double(), W.double(), grad_z.double()
    grad_x, grad_W, grad_b = torch.zeros_like(x), torch.zeros_like(W), torch.zeros_like(W[:, 0])
    for i, j in itertools.product(*map(range, grad_z.shape)):
        grad_b[j] += grad_z[i, j]
        for k in range(x.shape[1]):
            grad_x[i, k] += grad_z[i, j] * W[j, k]
            grad_W[j, k] += grad_z[i, j] * x[i, k]
    return [grad_x, grad_W, grad_b]


@linear_backward.also_right
def _outer_products(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    of_weights = sum(torch.outer(slopes, row) for slopes, row in zip(grad_z, x, strict=True))
    return [torch.stack([slopes @ W for slopes in grad_z]), of_weights, torch.ones(len(x)) @ grad_z]


@linear_backward.wrong(
    "Which shape has dC/db? That of b. One b acts on every example of the batch: add up over the "
    "batch."
)
def _bias_not_summed(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z]


@linear_backward.wrong(
    "How many axes has b? One. keepdim leaves an axis of length 1 where the batch was: drop it."
)
def _bias_as_a_row(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.sum(dim=0, keepdim=True)]


@linear_backward.wrong(
    "Sum or mean, for b? The paths through all examples are added up. If C is a mean, its 1/batch "
    "is in grad_z already."
)
def _bias_averaged(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.mean(dim=0)]


@linear_backward.wrong(
    "Who divides by the batch? Nobody here, neither for W nor for b: if C is a mean, its 1/batch "
    "is in grad_z already."
)
def _averaged(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x / len(x), grad_z.mean(dim=0)]


@linear_backward.wrong(
    "Over which axis is dC/db summed? Over the batch, the first one: each output keeps its own "
    "bias."
)
def _bias_summed_over_outputs(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.sum(dim=1)]


@linear_backward.wrong(
    "Is there one bias, or one for each output? Sum over the batch only, not over everything."
)
def _bias_as_one_number(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, grad_z.sum()]


@linear_backward.wrong(
    "Which shape has dC/dW? That of W, (d_out, d_in). This one is transposed: grad_z.T comes first."
)
def _weights_transposed(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, x.T @ grad_z, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Does reshape turn a matrix? It keeps the numbers in their order and only cuts the rows anew. "
    "For dC/dW, transpose."
)
def _weights_reshaped(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, (x.T @ grad_z).reshape(W.shape), grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Which way does W go, backward? Forward it was W.T, backward it is W itself, without .T and "
    "without reshape."
)
def _weights_turned_on_the_way_to_x(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W.T.reshape(W.shape), grad_z.T @ x, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "In which order are they asked for? First x, then W, then b: x and W have changed places."
)
def _order_swapped(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z.T @ x, grad_z @ W, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Where are the other examples? For W and b, the paths through all of them are added up."
)
def _first_example_only(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, torch.outer(grad_z[0], x[0]), grad_z[0]]


@linear_backward.wrong(
    "First multiply or first add? Each example's slopes meet its own x; only then comes the sum "
    "over the batch."
)
def _product_of_sums(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, torch.outer(grad_z.sum(dim=0), x.sum(dim=0)), grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Through which outputs does x act? Through all of them, and through each with its own weight."
)
def _outputs_added_first(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z.sum(dim=1, keepdim=True) * W.sum(dim=0), grad_z.T @ x, grad_z.sum(dim=0)]


@linear_backward.wrong(
    "Is there a gradient for b, too? Three results are asked for; the last one is missing."
)
def _bias_missing(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x]


@linear_backward.wrong(
    "Does the cost play a part in dC/db? dz/db is 1, but dC/dz stands before it in the chain."
)
def _bias_is_ones(x: Tensor, W: Tensor, grad_z: Tensor) -> list[Tensor]:
    return [grad_z @ W, grad_z.T @ x, torch.ones(len(W))]


@linear_backward.inputs
def _layers(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    # one example, one output
    yield torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, -1.0]]), torch.tensor([[0.5]])
    yield (
        torch.tensor([[1.0], [2.0]]),
        torch.tensor([[3.0], [0.0], [-1.0]]),
        torch.tensor([[1.0, 0, 2], [0, 1, -1]]),
    )
    for batch, d_in, d_out in (
        (2, 3, 4),
        (5, 2, 3),
        (3, 6, 2),
        (1, 4, 7),
        (4, 4, 4),
        (7, 1, 5),
        (9, 8, 1),
        (16, 5, 9),
    ):
        x, W = torch.randn(batch, d_in, generator=rng), torch.randn(d_out, d_in, generator=rng)
        yield x, W, torch.randn(batch, d_out, generator=rng)
        yield x * 100 + 20, W * 0.02, torch.randn(batch, d_out, generator=rng) / 1000


# 04.3


@exercise(
    "04.3",
    minutes=10,
    hints=(
        "For one position the gradient is short: what the model says, minus what it should have "
        "said.",
        "That is the softmax of its row, minus 1 at the target. The loss is a mean over the "
        "positions: what does each "
        "position's gradient get from that?",
        "p = torch.softmax(logits, dim=-1), which is stable. Subtract 1 at "
        "p[torch.arange(len(targets)), targets], "
        "then divide everything by len(targets).",
    ),
)
def softmax_cross_entropy_grad(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The gradient of the mean cross-entropy, with respect to the logits.

    logits: scores, shape (pos, vocab). They may be as large as 1000, as low as -1000,
    and far apart.
    targets: the ids that really came, shape (pos,).
    Returns d loss / d logits, shape (pos, vocab); the loss is the mean over the
    positions of -log P(target).
    """
    gradient = torch.softmax(logits, dim=-1)
    # what was said minus what should have been said
    gradient[torch.arange(len(targets)), targets] -= 1.0
    return gradient / len(targets)


@softmax_cross_entropy_grad.also_right
def _autograd_of_the_loss(logits: Tensor, targets: Tensor) -> Tensor:
    with torch.enable_grad():
        leaf = logits.double().requires_grad_()
        return torch.autograd.grad(F.cross_entropy(leaf, targets), leaf)[0]


@softmax_cross_entropy_grad.also_right
def _one_hot_subtracted(logits: Tensor, targets: Tensor) -> Tensor:
    powers = (logits - logits.amax(dim=-1, keepdim=True)).exp()
    p = powers / powers.sum(dim=-1, keepdim=True)
    return (p - F.one_hot(targets, logits.shape[-1])) / logits.shape[0]


@softmax_cross_entropy_grad.also_right
def _score_by_score(logits: Tensor, targets: Tensor) -> Tensor:
    rows = []
    for scores, target in zip(logits.tolist(), targets.tolist(), strict=True):
        powers = [math.exp(score - max(scores)) for score in scores]
        p = [power / sum(powers) for power in powers]
        rows.append([(value - (place == target)) / len(targets) for place, value in enumerate(p)])
    return torch.tensor(rows, dtype=torch.float64)


@softmax_cross_entropy_grad.also_right
def _through_the_log_softmax(logits: Tensor, targets: Tensor) -> Tensor:
    # of the mean's minus
    upstream = torch.zeros_like(logits).scatter_(1, targets[:, None], -1 / len(targets))
    return upstream - logits.log_softmax(dim=-1).exp() * upstream.sum(dim=-1, keepdim=True)


def _one_hot(logits: Tensor, targets: Tensor) -> Tensor:
    return F.one_hot(targets, logits.shape[-1]).to(logits.dtype)


def _said_minus_true(logits: Tensor, targets: Tensor) -> Tensor:
    """p minus one-hot, not yet divided."""
    return logits.softmax(dim=-1) - _one_hot(logits, targets)


@softmax_cross_entropy_grad.wrong(
    "Sum or mean? The loss is the mean over the positions, so each gets its share only."
)
def _not_divided(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets)


@softmax_cross_entropy_grad.wrong(
    "What is the mean taken over? Over the positions alone; the size of the vocabulary does not "
    "belong in it."
)
def _divided_by_everything(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets) / logits.numel()


@softmax_cross_entropy_grad.wrong(
    "What is the number of positions? The length of the first axis; this divides by that of the "
    "last."
)
def _divided_by_the_vocabulary(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets) / logits.shape[-1]


@softmax_cross_entropy_grad.wrong(
    "Does a higher score for the target lower the loss? Then its slope is negative: p minus 1, "
    "not the other way round."
)
def _true_minus_said(logits: Tensor, targets: Tensor) -> Tensor:
    return -_said_minus_true(logits, targets) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Where do the targets come in? From p at each target, 1 is subtracted."
)
def _no_targets(logits: Tensor, targets: Tensor) -> Tensor:
    return logits.softmax(dim=-1) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Is anything pushed down at the target? 1 is subtracted there, not added."
)
def _added_at_the_targets(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits.softmax(dim=-1) + _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Do the other scores have a gradient? Raising one of them takes probability from the target: "
    "theirs is p."
)
def _only_at_the_targets(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets) * _one_hot(logits, targets) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Along which axis do the probabilities add up to 1? Along the vocabulary, which is the last "
    "one."
)
def _columns(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits.softmax(dim=0) - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "What is exp of a large score, or of a very low one? Subtract the largest score of each row "
    "first."
)
def _unstable(logits: Tensor, targets: Tensor) -> Tensor:
    powers = logits.exp()
    return (powers / powers.sum(dim=-1, keepdim=True) - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Whose maximum do you subtract? With that of the whole table, the powers of a low row are 0: "
    "take each row's own."
)
def _global_maximum(logits: Tensor, targets: Tensor) -> Tensor:
    powers = (logits - logits.max()).exp()
    return (powers / powers.sum(dim=-1, keepdim=True) - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "How often does the slope of the softmax count? p minus one-hot contains it already; p (1 - "
    "p) is once too often."
)
def _slope_of_the_softmax_again(logits: Tensor, targets: Tensor) -> Tensor:
    p = logits.softmax(dim=-1)
    return (p - _one_hot(logits, targets)) * p * (1 - p) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "What is subtracted at the target: 1, or the target's number? An id is only a name; subtract 1."
)
def _id_subtracted(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits.softmax(dim=-1) - _one_hot(logits, targets) * targets[:, None]) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Where is the softmax? What the model says are its probabilities, not its scores: use p, not "
    "the logits."
)
def _no_softmax(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Whose word counts? Subtract 1 at the target, not at the model's own favourite."
)
def _at_the_favourite(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, logits.argmax(dim=-1)) / len(targets)


@softmax_cross_entropy_grad.inputs
def _scores_and_targets(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), torch.tensor([1, 0])
    yield torch.zeros(3, 4), torch.tensor([3, 0, 1])  # knows nothing
    for pos, vocab in ((1, 5), (4, 2), (3, 7), (5, 5), (8, 3), (2, 50)):
        for size, offset in ((1.0, 0.0), (3.0, 20.0), (0.01, -5.0)):
            yield (
                torch.randn(pos, vocab, generator=rng) * size + offset,
                torch.randint(vocab, (pos,), generator=rng),
            )
    for offset in (1000.0, -1000.0):
        yield torch.randn(3, 5, generator=rng) + offset, torch.randint(5, (3,), generator=rng)
    far_apart = torch.tensor([[1000.0], [-50.0], [0.0], [-1000.0]])  # rows
    yield torch.randn(4, 6, generator=rng) + far_apart, torch.randint(6, (4,), generator=rng)
    # sure, and wrong
    yield torch.tensor([[0.0, 800.0, 3.0], [1.0, 2.0, 3.0]]), torch.tensor([0, 2])


# 04.4


@exercise(
    "04.4",
    minutes=15,
    hints=(
        "Begin at the cost: its gradient with respect to itself is 1. What does an edge hand back "
        "to the node where it "
        "starts?",
        "An edge adds slope * (gradient of the node where it ends) to the gradient of the node "
        "where it starts. When "
        "may it do so? When the node where it ends has heard from all of its own outgoing edges.",
        "Every edge leads from a smaller number to a larger one. So take the edges by the number "
        "of the node where "
        "they end, the largest first: sorted(edges, key=lambda edge: edge[1], reverse=True). Each "
        "does "
        "gradients[start] += slope * gradients[end].",
    ),
)
def backpropagate(edges: list, n: int) -> list:
    """Backpropagation through any graph: the derivative of the cost with respect to
    every node.

    The nodes have the numbers 0 to n - 1, in the order in which they were computed. The
    last one is the cost.

    edges: a list of (start, end, slope), in any order. The node `end` was computed from
    the node `start`, which has the smaller number, and slope is the derivative of this
    one step. Two nodes may have several edges between them.
    n: the number of nodes. There may be thousands in a row, too many for a function
    that calls itself, and more paths than a computer can ever walk.
    Returns a list of n numbers: dC/dnode for each node, added up over all paths from it
    to the cost. It is 0 for a node that the cost does not depend on.
    """
    gradients = [0.0] * (n - 1) + [1.0]  # the cost's own is 1
    for start, end, slope in sorted(edges, key=lambda edge: edge[1], reverse=True):
        # gradients[end] is complete: what it leads to came before
        gradients[start] += slope * gradients[end]
    return gradients


Edges = list[tuple[int, int, float]]


def _outgoing(edges: Edges, n: int) -> list[list[tuple[int, float]]]:
    """For each node, where its edges end, and their slopes."""
    table: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for start, end, slope in edges:
        table[start].append((end, slope))
    return table


@backpropagate.also_right
def _node_by_node(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * n
    gradients[-1] = 1.0
    table = _outgoing(edges, n)
    for node in reversed(range(n - 1)):
        gradients[node] = sum(slope * gradients[end] for end, slope in table[node])
    return gradients


@backpropagate.also_right
def _autograd_of_the_same_graph(edges: Edges, n: int) -> list[Tensor]:
    with torch.enable_grad():
        # what each node has of its own
        own = torch.zeros(n, dtype=torch.float64, requires_grad=True)
        values = list(own.unbind())
        # by start: a node is complete before it is used
        for start, end, slope in sorted(edges):
            values[end] = values[end] + slope * values[start]
        (gradients,) = torch.autograd.grad(values[-1], own)
    return list(gradients)


@backpropagate.also_right
def _system_of_equations(edges: Edges, n: int) -> tuple[np.floating, ...]:
    matrix, cost = torch.eye(n, dtype=torch.float64), torch.zeros(n, 1, dtype=torch.float64)
    cost[-1] = 1.0
    for start, end, slope in edges:
        matrix[start, end] -= slope
    return tuple(torch.linalg.solve_triangular(matrix, cost, upper=True)[:, 0].numpy())


@backpropagate.also_right
def _wait_until_all_have_reported(edges: Edges, n: int) -> list[float]:
    gradients, waiting, incoming = [0] * (n - 1) + [1], [0] * n, [[] for _ in range(n)]
    for start, end, slope in edges:
        waiting[start] += 1
        incoming[end].append((start, slope))
    ready = [node for node in range(n) if not waiting[node]]
    while ready:
        end = ready.pop()
        for start, slope in incoming[end]:
            gradients[start] += slope * gradients[end]
            waiting[start] -= 1
            ready += [start] if not waiting[start] else []
    return gradients


def _backward(
    edges: Edges,
    n: int,
    *,
    own: float = 1.0,
    join: Callable[[list[float]], float] = sum,
    pass_on: Callable[[float, float], float] = lambda slope, gradient: slope * gradient,
) -> list[float]:
    """The right way back, with parts that can be put wrongly: the beginning, what an
    edge passes on, how paths join.
    """
    gradients = [0.0] * (n - 1) + [own]
    table = _outgoing(edges, n)
    for node in reversed(range(n - 1)):
        handed_back = [pass_on(slope, gradients[end]) for end, slope in table[node]]
        gradients[node] = join(handed_back) if handed_back else 0.0
    return gradients


@backpropagate.wrong(
    "What happens when a second path arrives? `=` overwrites what the first one brought. Paths "
    "are added: `+=`. Here "
    "the edge that comes last in the list wins."
)
def _last_listed_wins(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=lambda handed_back: handed_back[-1])


@backpropagate.wrong(
    "What happens when a second path arrives? `=` overwrites what the first one brought. Paths "
    "are added: `+=`. Here "
    "the edge to the earliest node wins, because it is met last on the way back."
)
def _last_met_wins(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * (n - 1) + [1.0]
    for start, end, slope in sorted(edges, key=lambda edge: edge[1], reverse=True):
        gradients[start] = slope * gradients[end]
    return gradients


@backpropagate.wrong(
    "Does only the strongest path count? All of them do: the gradients that they bring are added."
)
def _largest_wins(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=max)


@backpropagate.wrong(
    "Sum or mean? A node that is used twice acts twice: add the paths up, do not average them."
)
def _mean_over_edges(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=lambda handed_back: sum(handed_back) / len(handed_back))


@backpropagate.wrong(
    "How do the steps of one path go together? Their slopes are multiplied; here they are added."
)
def _slopes_added(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: slope + gradient)


@backpropagate.wrong(
    "How do two paths go together? They are added up. What is multiplied are the steps within one "
    "path."
)
def _paths_multiplied(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=math.prod)


@backpropagate.wrong(
    "What does an edge pass on? Its slope times the gradient of the node where it ends, not the "
    "slope."
)
def _own_slopes_only(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: slope)


@backpropagate.wrong(
    "Do the slopes play a part? This counts the paths to the cost, as if every slope were 1."
)
def _paths_counted(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: gradient)


@backpropagate.wrong(
    "Does the sign of a slope matter? Yes: paths that pull in opposite directions cancel out."
)
def _signs_lost(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: abs(slope) * gradient)


@backpropagate.wrong(
    "What is the cost's gradient with respect to itself? If it is 0, then every product with it "
    "is 0 as well: begin "
    "with 1 at the last node."
)
def _begins_with_zero(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, own=0.0)


@backpropagate.wrong(
    "What is the cost's gradient with respect to itself? 1. Here it is counted twice, and so is "
    "everything before it."
)
def _cost_counted_twice(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, own=2.0)


@backpropagate.wrong(
    "Is the cost a node as well? It is the last one, and its own gradient, 1, belongs in the list."
)
def _cost_left_out(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n)[:-1]


@backpropagate.wrong(
    "In which direction do you go? This is how every node depends on node 0. Begin at the cost, "
    "and go backward."
)
def _forward(edges: Edges, n: int) -> list[float]:
    gradients = [1.0] + [0.0] * (n - 1)
    for start, end, slope in sorted(edges):
        gradients[end] += slope * gradients[start]
    return gradients


@backpropagate.wrong(
    "Who hands something to whom? Backward, an edge goes from its end to its start: `start` "
    "receives."
)
def _start_and_end_swapped(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * (n - 1) + [1.0]
    for start, end, slope in sorted(edges, key=lambda edge: edge[1], reverse=True):
        gradients[end] += slope * gradients[start]
    return gradients


@backpropagate.wrong(
    "Can there be two edges between the same two nodes? Yes, as in x * x, where x is used twice. "
    "A dictionary by "
    "(start, end) keeps only one of them."
)
def _parallel_edges_lost(edges: Edges, n: int) -> list[float]:
    one_each = {(start, end): slope for start, end, slope in edges}
    return _backward([(*pair, slope) for pair, slope in one_each.items()], n)


@backpropagate.wrong(
    "Is a node's gradient complete when an edge takes it? In the order of the list, often not. "
    "Take the edges by the "
    "node where they end, the largest number first."
)
def _as_listed(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * (n - 1) + [1.0]
    for start, end, slope in edges:
        gradients[start] += slope * gradients[end]
    return gradients


@backpropagate.wrong(
    "Is the list of edges always in order? Reading it from behind works only if it is: sort it by "
    "the node where the "
    "edges end."
)
def _listed_backward(edges: Edges, n: int) -> list[float]:
    return _as_listed(edges[::-1], n)


@backpropagate.wrong(
    "Does a node act on the cost only directly? Most do so through others: here only edges that "
    "end at the cost count."
)
def _last_edges_only(edges: Edges, n: int) -> list[float]:
    return _backward([edge for edge in edges if edge[1] == n - 1], n)


def _slopes(rng: torch.Generator, count: int, low: float, high: float) -> list[float]:
    """Slopes between low and high, of either sign."""
    sizes = low + (high - low) * torch.rand(count, generator=rng, dtype=torch.float64)
    signs = torch.randint(2, (count,), generator=rng) * 2 - 1
    return (sizes * signs).tolist()


def _shuffled(edges: Edges, rng: torch.Generator) -> Edges:
    return [edges[place] for place in torch.randperm(len(edges), generator=rng).tolist()]


def _random_graph(n: int, count: int, rng: torch.Generator) -> Edges:
    """`count` edges between any nodes; some nodes stay unused, some pairs have several
    edges.
    """
    edges = []
    for slope in _slopes(rng, count, 0.3, 2.0):
        start, end = sorted(torch.randperm(n, generator=rng)[:2].tolist())
        edges.append((start, end, slope))
    return edges


@backpropagate.inputs
def _graphs(rng: torch.Generator) -> Iterator[tuple[Edges, int]]:
    yield [(0, 1, 2.0), (1, 2, -3.0)], 3  # a chain
    # a diamond: two paths
    yield [(0, 1, 2.0), (0, 2, 5.0), (1, 3, 1.0), (2, 3, 0.5)], 4
    # (x * x) / 4 at 3: two edges between the same two nodes
    yield [(0, 1, 3.0), (0, 1, 3.0), (1, 2, 0.25)], 3
    yield [], 1  # nothing but the cost
    yield [(0, 3, 4.0), (0, 2, 1.5), (1, 2, 7.0)], 4  # 1 and 2 do not reach the cost
    for n, count in ((4, 5), (6, 9), (8, 20), (12, 16), (25, 60)):
        edges = _random_graph(n, count, rng)
        yield sorted(edges), n
        yield _shuffled([*edges, (0, n - 1, 0.5)], rng), n
    used_often = [(0, node, slope) for node, slope in enumerate(_slopes(rng, 9, 0.5, 3.0), start=1)]
    yield _shuffled([*used_often, *((node, 10, 0.2 * node) for node in range(1, 10))], rng), 11
    chain = [(node, node + 1, slope) for node, slope in enumerate(_slopes(rng, 1999, 0.99, 1.01))]
    yield _shuffled(chain, rng), 2000
    ladder = []  # 40 diamonds in a row: two to the power of 40 paths
    for first, slope in zip(range(0, 120, 3), _slopes(rng, 40, 0.3, 0.6), strict=True):
        ladder += [(first, first + 1, slope), (first, first + 2, 0.9)]
        ladder += [(first + 1, first + 3, 0.8), (first + 2, first + 3, 0.7)]
    yield _shuffled(ladder, rng), 121


# 04.5


@exercise(
    "04.5",
    minutes=12,
    # the two terms nearly cancel where the pattern is nearly 1: float32 has to pass
    atol=1e-5,
    hints=(
        "Take one row. Raising one score raises its own probability and lowers all others of the "
        "row. Which sum "
        "collects that?",
        "The slope of a softmax: dP_j/ds_k = P_j (1 - P_k) if j is k, and -P_j P_k otherwise. "
        "Multiply by G_j, the "
        "gradient that comes in, and add up over j. One sum is left, the same for the whole row.",
        "That sum is s = (pattern * grad_pattern).sum(dim=-1, keepdim=True), one number for each "
        "query. The answer is "
        "pattern * (grad_pattern - s). Where the pattern is 0, the result is 0 by itself.",
    ),
)
def attention_scores_grad(pattern: torch.Tensor, grad_pattern: torch.Tensor) -> torch.Tensor:
    """Back through the softmax of attention: from the gradient of the pattern to that
    of the scores.

    Every row of the pattern is the softmax, over the keys, of that query's scores. A
    masked key has 0 there.

    pattern: shape (head, query, key). There may be more keys than queries.
    grad_pattern: dC/dpattern, shape (head, query, key). At masked places it may be any
    number. Returns dC/dscores, shape (head, query, key); 0 at masked places.
    """
    of_the_row = (pattern * grad_pattern).sum(dim=-1, keepdim=True)  # (head, query, 1)
    return pattern * (grad_pattern - of_the_row)


@attention_scores_grad.also_right
def _autograd_of_softmax(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    with torch.enable_grad():
        # one of the scores that give this pattern; -inf where masked
        scores = pattern.log().requires_grad_()
        return torch.autograd.grad(scores.softmax(dim=-1), scores, grad_pattern)[0]


@attention_scores_grad.also_right
def _whole_jacobian(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    p = pattern.double()
    jacobian = torch.diag_embed(p) - torch.einsum("hqj,hqk->hqjk", p, p)
    return torch.einsum("hqj,hqjk->hqk", grad_pattern.double(), jacobian)


@attention_scores_grad.also_right
def _row_by_row(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    result = torch.empty_like(pattern)
    for head, query in itertools.product(*map(range, pattern.shape[:2])):
        p, g = pattern[head, query], grad_pattern[head, query]
        result[head, query] = p * g - p * (p @ g)
    return result


@attention_scores_grad.also_right
def _visible_places_only(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    weighted = (pattern * grad_pattern).masked_fill(pattern == 0, 0.0)
    return torch.addcmul(weighted, pattern, weighted.sum(dim=2, keepdim=True), value=-1)


@attention_scores_grad.wrong(
    "Does a score act on the other probabilities of its row? It does: they must add up to 1. P (1 "
    "- P) G is only the "
    "diagonal of the slopes."
)
def _diagonal_only(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (1 - pattern) * grad_pattern


@attention_scores_grad.wrong(
    "What do the other keys of a row lose when one score rises? The subtraction is missing: P G "
    "is the first half."
)
def _no_subtraction(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * grad_pattern


@attention_scores_grad.wrong(
    "How much can a score move a probability that is nearly 0? Hardly at all: P is a factor."
)
def _no_factor(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return grad_pattern - (pattern * grad_pattern).sum(dim=-1, keepdim=True)


@attention_scores_grad.wrong(
    "What is multiplied by P? Both terms. Here it is missing in the second one, which then "
    "reaches masked places, too."
)
def _factor_on_the_first_term_only(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    weighted = pattern * grad_pattern
    return weighted - weighted.sum(dim=-1, keepdim=True)


@attention_scores_grad.wrong(
    "Over which axis is P G summed? Over the keys, the last one: each query has its own softmax."
)
def _summed_over_queries(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum(dim=-2, keepdim=True))


@attention_scores_grad.wrong(
    "Do the heads know of each other? No: the sum runs over the keys of one query and one head."
)
def _summed_over_heads(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum(dim=0, keepdim=True))


@attention_scores_grad.wrong(
    "One sum for everything, or one for each row? Sum over the last axis only, with keepdim=True."
)
def _summed_over_everything(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum())


@attention_scores_grad.wrong(
    "Does a whole head have one softmax? Each query has: sum over the keys, not over the queries."
)
def _summed_over_each_head(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).sum(dim=(-2, -1), keepdim=True))


@attention_scores_grad.wrong(
    "Sum or mean? The slopes of a row are added up, weighted with P; do not divide by the keys."
)
def _mean_over_keys(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * grad_pattern).mean(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Do all keys count alike in the sum? Each G is weighted with its P, so that a masked key does "
    "not count at all."
)
def _sum_without_weights(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - grad_pattern.sum(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Do all keys count alike? Subtract the mean of G weighted with P, not the plain mean of the "
    "row."
)
def _plain_mean(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - grad_pattern.mean(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Which is subtracted from which? G minus the sum: a key that helps more than its row rises."
)
def _sign(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * ((pattern * grad_pattern).sum(dim=-1, keepdim=True) - grad_pattern)


@attention_scores_grad.wrong(
    "How often does P weight the sum? Once; P² makes strong keys too strong."
)
def _weighted_twice(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return pattern * (grad_pattern - (pattern * pattern * grad_pattern).sum(dim=-1, keepdim=True))


@attention_scores_grad.wrong(
    "Is `pattern` made of scores? It has been through the softmax already: do not apply it again."
)
def _softmax_again(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return attention_scores_grad.reference(pattern.softmax(dim=-1), grad_pattern)


@attention_scores_grad.wrong(
    "What is the gradient of a score that the mask has hidden? Moving it changes nothing: 0. -inf "
    "belongs to the "
    "scores themselves, on the way forward."
)
def _minus_infinity_where_masked(pattern: Tensor, grad_pattern: Tensor) -> Tensor:
    return attention_scores_grad.reference(pattern, grad_pattern).masked_fill(
        pattern == 0, -math.inf
    )


def _pattern(heads: int, queries: int, keys: int, size: float, rng: torch.Generator) -> Tensor:
    """A causal pattern: the queries are the last ones of a text with so many keys."""
    scores = torch.randn(heads, queries, keys, generator=rng) * size
    hidden = torch.ones(queries, keys, dtype=torch.bool).triu(1 + keys - queries)
    return scores.masked_fill(hidden, -math.inf).softmax(dim=-1)


@attention_scores_grad.inputs
def _patterns_and_gradients(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    # one head, one query, two keys
    yield torch.tensor([[[0.75, 0.25]]]), torch.tensor([[[1.0, 2.0]]])
    yield torch.tensor([[[1.0, 0.0], [0.5, 0.5]]]), torch.tensor([[[3.0, 9.0], [1.0, -1.0]]])
    for heads, queries, keys in (
        (1, 4, 4),
        (2, 3, 3),
        (3, 5, 5),
        (2, 3, 7),
        (4, 1, 6),
        (5, 2, 3),
        (2, 12, 12),
    ):
        for size, slope in ((1.0, 1.0), (3.0, 0.001), (0.1, 50.0)):
            pattern = _pattern(heads, queries, keys, size, rng)
            gradient = torch.randn(heads, queries, keys, generator=rng) * slope
            # anything at masked places
            yield pattern, gradient.where(pattern > 0, 100 * gradient)


# 04.6


@exercise(
    "04.6",
    minutes=20,
    atol=1e-5,  # three terms nearly cancel: float32 has to pass
    hints=(
        "Call the normalised x x_hat. First go back through the gain: what is the gradient of "
        "x_hat? Then ask on how "
        "many ways one x acts on the x_hat of its row.",
        "There are three: directly, through the mean, and through the variance. The first one "
        "gives g / std, with g = "
        "grad_out * gain. Each of the other two takes something away that is the same sum for the "
        "whole row.",
        "(g - mean(g) - x_hat * mean(g * x_hat)) / std, with std = sqrt(var + eps) and x_hat = (x "
        "- mean) / std. All "
        "means run over the last axis, with keepdim=True; the variance has correction=0.",
    ),
)
def layer_norm_backward(
    x: torch.Tensor, gain: torch.Tensor, grad_out: torch.Tensor, eps: float
) -> torch.Tensor:
    """The backward pass of layer norm, with respect to its input.

    Forward, it computed out = gain * (x - mean) / sqrt(var + eps) (+ a bias), with the
    mean and the variance of each position over its d_model numbers. The variance
    divides by d_model, not by d_model - 1.

    x: what came in, shape (pos, d_model).
    gain: shape (d_model,).
    grad_out: dC/dout, shape (pos, d_model).
    eps: a small number, not always the same.
    Returns dC/dx, shape (pos, d_model).
    """
    std = (x.var(dim=-1, correction=0, keepdim=True) + eps).sqrt()
    x_hat = (x - x.mean(dim=-1, keepdim=True)) / std
    g = grad_out * gain  # dC/dx_hat
    through_mean = g.mean(dim=-1, keepdim=True)
    through_variance = x_hat * (g * x_hat).mean(dim=-1, keepdim=True)
    return (g - through_mean - through_variance) / std


@layer_norm_backward.also_right
def _autograd_of_the_library(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    with torch.enable_grad():
        leaf = x.clone().requires_grad_()
        return torch.autograd.grad(F.layer_norm(leaf, gain.shape, gain, None, eps), leaf, grad_out)[
            0
        ]


@layer_norm_backward.also_right
def _link_by_link(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    n = x.shape[-1]
    centred = x - x.sum(dim=-1, keepdim=True) / n
    spread = (centred**2).sum(dim=-1, keepdim=True) / n + eps
    of_x_hat = grad_out * gain
    of_spread = (of_x_hat * centred).sum(dim=-1, keepdim=True) * -0.5 * spread**-1.5
    of_centred = of_x_hat * spread**-0.5 + of_spread * 2 * centred / n
    return of_centred - of_centred.sum(dim=-1, keepdim=True) / n


@layer_norm_backward.also_right
def _jacobian_of_each_row(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    rows, n = [], x.shape[-1]
    for row, slopes in zip(x.double(), grad_out.double(), strict=True):
        std = torch.sqrt(row.var(unbiased=False) + eps)
        x_hat = (row - row.mean()) / std
        jacobian = (torch.eye(n, dtype=torch.float64) - 1 / n - torch.outer(x_hat, x_hat) / n) / std
        rows.append((slopes * gain.double()) @ jacobian)
    return torch.stack(rows)


@layer_norm_backward.also_right
def _numpy_einsum(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    data, g = x.numpy().astype(np.float64), np.einsum("pd,d->pd", grad_out.numpy(), gain.numpy())
    scale = 1 / np.sqrt(data.var(axis=1) + eps)
    x_hat = (data - data.mean(axis=1)[:, None]) * scale[:, None]
    along = np.einsum("pd,pd->p", g, x_hat) / data.shape[1]
    return torch.from_numpy((g - g.mean(axis=1)[:, None] - along[:, None] * x_hat) * scale[:, None])


def _mean(values: Tensor) -> Tensor:
    return values.mean(dim=-1, keepdim=True)


def _std(x: Tensor, eps: float, correction: int = 0) -> Tensor:
    return (x.var(dim=-1, correction=correction, keepdim=True) + eps).sqrt()


def _back(x: Tensor, g: Tensor, std: Tensor) -> Tensor:
    """The right formula, for whatever the standard deviation and the gradient of x_hat
    are.
    """
    x_hat = (x - _mean(x)) / std
    return (g - _mean(g) - x_hat * _mean(g * x_hat)) / std


@layer_norm_backward.wrong("Do you use the eps that you were given? It is not always 0.00001.")
def _eps_of_the_library(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return layer_norm_backward.reference(x, gain, grad_out, 1e-5)


@layer_norm_backward.wrong(
    "Where is eps? It belongs to the variance, under the root, on the way back too."
)
def _no_eps(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return layer_norm_backward.reference(x, gain, grad_out, 0.0)


@layer_norm_backward.wrong(
    "Are the mean and the standard deviation constants? Moving one x moves both, and with them "
    "the whole row. Two ways "
    "are missing."
)
def _both_constant(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return grad_out * gain / _std(x, eps)


@layer_norm_backward.wrong(
    "Does the variance stay the same when one x moves? The way through the variance is missing."
)
def _variance_constant(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g = grad_out * gain
    return (g - _mean(g)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Does the mean stay the same when one x moves? The way through the mean is missing."
)
def _mean_constant(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - x_hat * _mean(g * x_hat)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Where is the gain? It stands between x_hat and the output: multiply grad_out by it first."
)
def _no_gain(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out, _std(x, eps))


@layer_norm_backward.wrong(
    "When do you go through the gain? It came last on the way forward, so it comes first on the "
    "way back, before the "
    "means are taken."
)
def _gain_last(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return gain * _back(x, grad_out, _std(x, eps))


@layer_norm_backward.wrong(
    "Divide by the gain or multiply? Forward it was a factor, so it is a factor backward as well."
)
def _divided_by_the_gain(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out / gain, _std(x, eps))


@layer_norm_backward.wrong(
    "What does the variance divide by? By d_model. torch divides by one less unless you say "
    "correction=0."
)
def _unbiased(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, eps, correction=1))


@layer_norm_backward.wrong(
    "Whose mean and variance are they? Each position has its own: take the last axis, not the "
    "first."
)
def _over_positions(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g = (grad_out * gain).T
    return _back(x.T, g, _std(x.T, eps)).T


@layer_norm_backward.wrong("Where does eps stand? Inside of the root, together with the variance.")
def _eps_outside_of_the_root(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, 0.0) + eps)


@layer_norm_backward.wrong(
    "How did you get the standard deviation? x.std() + eps differs twice: it divides by d_model - "
    "1, and eps stands "
    "outside of the root. Take the root of var + eps, with correction=0."
)
def _unbiased_and_eps_outside(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, 0.0, correction=1) + eps)


@layer_norm_backward.wrong(
    "What does layer norm divide by? By the root of the variance; here the root is missing."
)
def _no_root(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, eps) ** 2)


@layer_norm_backward.wrong(
    "Did x go through the division by the standard deviation? Then so does its gradient: divide "
    "everything by it."
)
def _not_divided_by_the_std(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return _back(x, grad_out * gain, _std(x, eps)) * _std(x, eps)


@layer_norm_backward.wrong(
    "Sum or mean? The mean has a 1/d_model in it, and so has the variance: take means in both "
    "terms."
)
def _sums(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - g.sum(dim=-1, keepdim=True) - x_hat * (g * x_hat).sum(dim=-1, keepdim=True)) / _std(
        x, eps
    )


@layer_norm_backward.wrong(
    "Whom does the way through the variance move? Each x in proportion to its x_hat; that factor "
    "is missing."
)
def _x_hat_missing(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - _mean(g) - _mean(g * x_hat)) / _std(x, eps)


@layer_norm_backward.wrong(
    "x or x_hat? On the way through the variance it is the normalised x_hat, in both places."
)
def _x_for_x_hat(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g = grad_out * gain
    return (g - _mean(g) - x * _mean(g * x)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Which sign has the way through the variance? A wider row makes every x_hat smaller: it is "
    "subtracted."
)
def _sign_of_the_variance(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    g, x_hat = grad_out * gain, (x - _mean(x)) / _std(x, eps)
    return (g - _mean(g) + x_hat * _mean(g * x_hat)) / _std(x, eps)


@layer_norm_backward.wrong(
    "Which way is it? This is layer norm forward, applied to grad_out; backward needs x as well."
)
def _norm_of_the_gradient(x: Tensor, gain: Tensor, grad_out: Tensor, eps: float) -> Tensor:
    return F.layer_norm(grad_out, gain.shape, gain, None, eps)


@layer_norm_backward.inputs
def _positions(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float]]:
    yield torch.tensor([[1.0, 2.0, 6.0]]), torch.ones(3), torch.tensor([[1.0, 0.0, 0.0]]), 0.1
    # all equal
    yield (
        torch.tensor([[2.0, 2.0, 2.0, 2.0]]),
        torch.ones(4),
        torch.tensor([[1.0, 2.0, 3.0, -1.0]]),
        0.01,
    )
    for (pos, d_model), eps in zip(
        ((1, 4), (4, 3), (5, 4), (3, 8), (4, 4), (6, 5), (7, 64)),
        (0.1, 1e-5, 0.5, 1e-3, 0.1, 1e-5, 1e-5),
        strict=True,
    ):
        gain = torch.randn(d_model, generator=rng) * 0.5 + 1.2
        for size, offset, slope in ((1.0, 0.0, 1.0), (20.0, 50.0, 0.001), (0.02, -0.1, 30.0)):
            x = torch.randn(pos, d_model, generator=rng) * size + offset
            yield x, gain, torch.randn(pos, d_model, generator=rng) * slope + 0.2 * slope, eps
