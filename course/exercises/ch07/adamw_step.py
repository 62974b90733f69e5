"""Exercise 07.1: one step of AdamW."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "07.1",
    minutes=12,
    graded=False,
    hints=(
        "Begin with the two running means: nine tenths of the old one, and a tenth of the new "
        "gradient; likewise 95 hundredths and 5 hundredths, of the squared gradient.",
        "Both means began at 0, so early ones are too small: divide the first by 1 - 0.9**step and "
        "the second by 1 - 0.95**step. Give back the means as they were before that.",
        "The step is corrected_mean / (corrected_square.sqrt() + 1e-8). The new weight is "
        "weight - rate * step - rate * decay * weight.",
    ),
)
def adamw_step(
    weight: torch.Tensor,
    gradient: torch.Tensor,
    mean: torch.Tensor,
    square: torch.Tensor,
    step: int,
    rate: float,
    decay: float,
) -> list[torch.Tensor]:
    """One step of AdamW, with betas 0.9 and 0.95 and epsilon 1e-8.

    weight, gradient: shape (n,). The gradient of a weight may be as small as 1e-9.
    mean, square: the running means of gradient and squared gradient so far, shape (n,)
    each.
    step: which step this is, counted from 1. Before step 1 both means are 0.
    rate: the learning rate.
    decay: the weight decay. It pulls at the weight itself, beside Adam's step, and is
    multiplied by the learning rate, as that is.
    Returns the new weight, the new mean and the new square, as a list of three tensors,
        (n,) each.
    """
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.95 * square + 0.05 * gradient**2
    direction = (mean / (1 - 0.9**step)) / ((square / (1 - 0.95**step)).sqrt() + 1e-8)
    return [weight - rate * direction - rate * decay * weight, mean, square]


Answer = list[Tensor]


@adamw_step.also_right
def _torchs_own(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    parameter = weight.clone().requires_grad_()
    optimizer = torch.optim.AdamW([parameter], rate, betas=(0.9, 0.95), weight_decay=decay)
    parameter.grad = gradient.clone()
    state = {"exp_avg": mean.clone(), "exp_avg_sq": square.clone()}
    optimizer.state[parameter] = {"step": torch.tensor(float(step - 1)), **state}
    optimizer.step()
    found = optimizer.state[parameter]
    return [parameter.detach(), found["exp_avg"], found["exp_avg_sq"]]


@adamw_step.also_right
def _in_place_on_copies(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    weight, mean, square = weight.double(), mean.double(), square.double()
    mean = mean.lerp(gradient.double(), 0.1)
    square = square.mul(0.95).addcmul(gradient.double(), gradient.double(), value=0.05)
    weight = weight.mul(1 - rate * decay)
    size = square.sqrt() / (1 - 0.95**step) ** 0.5 + 1e-8
    return [weight.addcdiv(mean, size, value=-rate / (1 - 0.9**step)), mean, square]


@adamw_step.also_right
def _numpy_number_by_number(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    rows = []
    for w, g, m, v in zip(*(x.tolist() for x in (weight, gradient, mean, square)), strict=True):
        m, v = m + 0.1 * (g - m), v + 0.05 * (g * g - v)
        size = np.sqrt(v / (1 - 0.95**step)) + 1e-8
        rows.append((w * (1 - rate * decay) - rate * m / (1 - 0.9**step) / size, m, v))
    return [torch.tensor(column) for column in zip(*rows, strict=True)]


def _step(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
    *,
    beta1: float = 0.9,
    beta2: float = 0.95,
    correct1: Callable[[int], float | Tensor] = lambda step: 1 - 0.9**step,
    correct2: Callable[[int], float | Tensor] = lambda step: 1 - 0.95**step,
    size: Callable[[Tensor], Tensor] = lambda square: square.sqrt() + 1e-8,
    pull: Callable[[float, float], float] = lambda rate, decay: rate * decay,
    sign: float = -1.0,
) -> Answer:
    """The right step, with parts that can be put wrongly."""
    mean = beta1 * mean + (1 - beta1) * gradient
    square = beta2 * square + (1 - beta2) * gradient**2
    direction = (mean / correct1(step)) / size(square / correct2(step))
    return [weight + sign * rate * direction - pull(rate, decay) * weight, mean, square]


@adamw_step.wrong(
    "How large is the very first step? About the learning rate. Both means began at 0 and are "
    "still too small: the correction by 1 - beta**step is missing."
)
def _no_bias_correction(*args: Any) -> Answer:
    return _step(*args, correct1=lambda step: 1.0, correct2=lambda step: 1.0)


@adamw_step.wrong(
    "Are both means corrected? The mean of the gradients is; the mean of the squares began at 0, "
    "too."
)
def _square_not_corrected(*args: Any) -> Answer:
    return _step(*args, correct2=lambda step: 1.0)


@adamw_step.wrong(
    "Are both means corrected? The mean of the squares is; the mean of the gradients began at 0, "
    "too."
)
def _mean_not_corrected(*args: Any) -> Answer:
    return _step(*args, correct1=lambda step: 1.0)


@adamw_step.wrong(
    "Which step is the first? It is number 1 here: with step - 1 in the correction the first step "
    "divides by 0."
)
def _steps_from_zero(*args: Any) -> Answer:
    return _step(
        *args,
        correct1=lambda step: torch.tensor(1 - 0.9 ** (step - 1)),
        correct2=lambda step: torch.tensor(1 - 0.95 ** (step - 1)),
    )


@adamw_step.wrong(
    "Where does epsilon stand? Behind the root, not inside: (square + 1e-8).sqrt() would hold back "
    "every weight whose gradients are below a ten-thousandth."
)
def _epsilon_inside_the_root(*args: Any) -> Answer:
    return _step(*args, size=lambda square: (square + 1e-8).sqrt())


@adamw_step.wrong(
    "What is divided by? The root of the mean square: without the root small gradients would make "
    "the largest steps."
)
def _no_root(*args: Any) -> Answer:
    return _step(*args, size=lambda square: square + 1e-8)


@adamw_step.wrong(
    "What is the second mean a mean of? Of squared gradients, not of the square of the mean: that "
    "would make every step the learning rate."
)
def _square_of_the_mean(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.95 * square + 0.05 * mean**2
    direction = (mean / (1 - 0.9**step)) / ((square / (1 - 0.95**step)).sqrt() + 1e-8)
    return [weight - rate * direction - rate * decay * weight, mean, square]


@adamw_step.wrong(
    "Where does the decay pull? At the weight itself. Added to the gradient it would be divided by "
    "the size of the gradient, too: that is Adam with L2, which AdamW was made to mend."
)
def _l2_in_the_gradient(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    return _step(weight, gradient + decay * weight, mean, square, step, rate, 0.0)


@adamw_step.wrong(
    "How strongly does the decay pull? By rate * decay: the learning rate is missing, so it would "
    "go on pulling when the schedule has ended."
)
def _decay_without_rate(*args: Any) -> Answer:
    return _step(*args, pull=lambda rate, decay: decay)


@adamw_step.wrong("Where is the decay? This is Adam alone: rate * decay * weight is missing.")
def _no_decay(*args: Any) -> Answer:
    return _step(*args, pull=lambda rate, decay: 0.0)


@adamw_step.wrong("Which way does the decay pull? Towards 0; here it pushes the weight away.")
def _decay_away_from_zero(*args: Any) -> Answer:
    return _step(*args, pull=lambda rate, decay: -rate * decay)


@adamw_step.wrong("Uphill or downhill? The step goes against the gradient: subtract it.")
def _climbs(*args: Any) -> Answer:
    return _step(*args, sign=1.0)


@adamw_step.wrong(
    "Which beta is whose? The mean of the gradients forgets quickly (0.9), that of the squares "
    "slowly (0.95)."
)
def _betas_swapped(*args: Any) -> Answer:
    return _step(
        *args,
        beta1=0.95,
        beta2=0.9,
        correct1=lambda step: 1 - 0.95**step,
        correct2=lambda step: 1 - 0.9**step,
    )


@adamw_step.wrong(
    "Are these means? The new gradient enters with its share, 1 - beta. With the whole of it they "
    "grow to ten and twenty times the size."
)
def _sums_for_means(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    mean, square = 0.9 * mean + gradient, 0.95 * square + gradient**2
    direction = (mean / (1 - 0.9**step)) / ((square / (1 - 0.95**step)).sqrt() + 1e-8)
    return [weight - rate * direction - rate * decay * weight, mean, square]


@adamw_step.wrong(
    "What is kept for the next step? The running means as they are. The corrected ones serve this "
    "step only; corrected again at the next, they would be far too large."
)
def _corrected_means_kept(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    new, mean, square = _step(weight, gradient, mean, square, step, rate, decay)
    return [new, mean / (1 - 0.9**step), square / (1 - 0.95**step)]


@adamw_step.wrong(
    "What moves the weight? The running mean. Here the gradient of this step alone does, so there "
    "is no momentum: that is RMSprop."
)
def _gradient_instead_of_mean(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    _, mean, square = _step(weight, gradient, mean, square, step, rate, decay)
    size = (square / (1 - 0.95**step)).sqrt() + 1e-8
    return [weight - rate * gradient / size - rate * decay * weight, mean, square]


@adamw_step.wrong(
    "How far does each weight move? Not equally: this takes the sign of the mean alone. Divide by "
    "the root of the mean square."
)
def _sign_alone(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: int,
    rate: float,
    decay: float,
) -> Answer:
    _, mean, square = _step(weight, gradient, mean, square, step, rate, decay)
    return [weight - rate * mean.sign() - rate * decay * weight, mean, square]


@adamw_step.inputs
def _states(rng: torch.Generator) -> Iterator[tuple[Any, ...]]:
    yield torch.tensor([0.5]), torch.tensor([0.2]), torch.zeros(1), torch.zeros(1), 1, 0.01, 0.1
    yield (
        torch.tensor([2.0, -1.0]),
        torch.tensor([1e-4, 1.0]),
        torch.zeros(2),
        torch.zeros(2),
        1,
        0.1,
        0.5,
    )
    sizes = (
        (3, 2, 0.1, 0.3),
        (4, 7, 0.02, 1.0),
        (5, 40, 0.3, 0.1),
        (2, 300, 0.05, 2.0),
        (6, 3, 0.5, 0.2),
    )
    for n, step, rate, decay in sizes:
        for size in (1.0, 1e-3, 1e-8):
            gradients = size * torch.randn(2, n, generator=rng)
            # what earlier gradients of this size have left, after step - 1 steps
            mean = gradients[0] * (1 - 0.9 ** (step - 1))
            square = (gradients[0] ** 2 + size**2) * (1 - 0.95 ** (step - 1))
            yield torch.randn(n, generator=rng), gradients[1], mean, square, step, rate, decay
