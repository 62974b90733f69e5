"""Exercise 07.6: a step with gradients that were computed in float16."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "07.6",
    minutes=12,
    hints=(
        "First look whether the gradients can be used: torch.isfinite(gradient).all(). If not, "
        "nothing moves, and the next step tries half the scale.",
        "If they can, undo the scale. In float32: in float16 a small gradient divided by a large "
        "scale becomes 0 again, and all was in vain.",
        "Only now clip, since the limit is meant for true gradients: multiply by "
        "min(1, limit / length). The update is -rate times that, and the scale stays.",
    ),
)
def scaled_step(
    gradient: torch.Tensor, scale: float, rate: float, limit: float
) -> list[torch.Tensor]:
    """One step of mixed precision: unscale, check, clip, and move.

    The loss was multiplied by `scale` before backward(), so that small gradients survive
    in float16. So all gradients are too large by that factor. If the scale was too high,
    some of them are infinite: then the step is skipped, and the scale is halved.

    gradient: as backward() left it, float16, shape (n,); too large by the factor scale.
    scale: a power of two.
    rate: the learning rate of plain gradient descent.
    limit: the longest that the true gradient may be (its length is the root of the sum of
    its squares); a longer one is shortened to it. The true gradient is not 0 everywhere.
    Returns two tensors: by how much the weights move, float32, shape (n,), zeros if the
        step is skipped; and the scale of the next step, shape (1,).
    """
    if not torch.isfinite(gradient).all():
        return [torch.zeros(len(gradient)), torch.tensor([scale / 2])]
    true = gradient.float() / scale
    factor = min(1.0, limit / float(true.norm()))
    return [-rate * factor * true, torch.tensor([scale])]


@scaled_step.also_right
def _clip_at_the_scaled_limit(
    gradient: Tensor, scale: float, rate: float, limit: float
) -> list[Tensor]:
    large = gradient.double()
    length = large.norm()
    if not length.isfinite():
        return [torch.zeros_like(large), torch.tensor([scale]) / 2]
    large = large * torch.clamp(limit * scale / length, max=1.0)
    return [large * (-rate / scale), torch.tensor([scale])]


@scaled_step.also_right
def _torchs_scaler_by_hand(
    gradient: Tensor, scale: float, rate: float, limit: float
) -> list[Tensor]:
    weight = torch.nn.Parameter(torch.zeros(len(gradient)))
    weight.grad = gradient.float() * (1 / scale)
    optimizer = torch.optim.SGD([weight], lr=rate)
    good = bool(weight.grad.isfinite().all())
    if good:
        torch.nn.utils.clip_grad_norm_([weight], limit)
        optimizer.step()
    return [weight.detach(), torch.tensor([scale if good else scale / 2])]


@scaled_step.also_right
def _where(gradient: Tensor, scale: float, rate: float, limit: float) -> list[Tensor]:
    bad = (gradient.isinf() | gradient.isnan()).any()
    true = torch.where(bad, torch.zeros(()), gradient.float()) / scale
    factor = torch.clamp(limit / true.norm().clamp(min=1e-30), max=1.0)
    return [-rate * factor * true, torch.where(bad, scale / 2, scale).float()[None]]


def _step(
    gradient: Tensor,
    scale: float,
    rate: float,
    limit: float,
    *,
    good: Callable[[Tensor], bool] = lambda gradient: bool(gradient.isfinite().all()),
    true: Callable[[Tensor, float], Tensor] = lambda gradient, scale: gradient.float() / scale,
    next_scale: Callable[[float], float] = lambda scale: scale / 2,
    sign: float = -1.0,
    clip: bool = True,
) -> list[Tensor]:
    """The right step, with parts that can be put wrongly."""
    if not good(gradient):
        return [torch.zeros(len(gradient)), torch.tensor([next_scale(scale)])]
    unscaled = true(gradient, scale).float()
    factor = torch.clamp(limit / unscaled.norm(), max=1.0) if clip else 1.0
    return [sign * rate * factor * unscaled, torch.tensor([scale])]


@scaled_step.wrong(
    "How large is the true gradient? The loss was multiplied by the scale, and so was this: divide "
    "by it before you clip and step."
)
def _not_unscaled(*args: Any) -> list[Tensor]:
    return _step(*args, true=lambda gradient, scale: gradient.float())


@scaled_step.wrong(
    "Which gradient has the limit in mind? The true one. Clipped before the scale is undone, "
    "nearly every gradient is cut to nothing: unscale first."
)
def _clipped_before_unscaling(
    gradient: Tensor, scale: float, rate: float, limit: float
) -> list[Tensor]:
    update, new_scale = _step(
        gradient, scale, rate, limit, true=lambda gradient, scale: gradient.float()
    )
    return [update / scale, new_scale]


@scaled_step.wrong(
    "In which precision is the scale undone? In float32. Divided in float16, small gradients "
    "become 0 after all: call .float() first."
)
def _unscaled_in_float16(*args: Any) -> list[Tensor]:
    return _step(*args, true=lambda gradient, scale: gradient / scale)


@scaled_step.wrong("Multiplied or divided? The gradients are too large: divide by the scale.")
def _scaled_twice(*args: Any) -> list[Tensor]:
    return _step(*args, true=lambda gradient, scale: gradient.float() * scale)


@scaled_step.wrong(
    "What if a gradient is infinite? Then no number of this step can be trusted, and one such step "
    "ruins the weights: skip it, and move nothing. (isnan does not find infinity; isfinite does.)"
)
def _never_skips(*args: Any) -> list[Tensor]:
    return _step(*args, good=lambda gradient: True)


@scaled_step.wrong(
    "What if one gradient is infinite? The whole step is skipped. Here the bad numbers became 0, "
    "and the others moved their weights."
)
def _bad_numbers_set_to_0(
    gradient: Tensor, scale: float, rate: float, limit: float
) -> list[Tensor]:
    kept = gradient.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    update, _ = _step(kept, scale, rate, limit)
    return [update, _step(gradient, scale, rate, limit)[1]]


@scaled_step.wrong(
    "What becomes of a scale that was too high? It is halved. Left as it is, the next step is "
    "skipped too, and so on for ever."
)
def _scale_kept(*args: Any) -> list[Tensor]:
    return _step(*args, next_scale=lambda scale: scale)


@scaled_step.wrong(
    "Was the scale too low or too high? Gradients became infinite, so it was too high: halve it."
)
def _scale_doubled(*args: Any) -> list[Tensor]:
    return _step(*args, next_scale=lambda scale: 2 * scale)


@scaled_step.wrong(
    "When is the scale halved? Only when a step is skipped: it served this step well."
)
def _scale_always_halved(gradient: Tensor, scale: float, rate: float, limit: float) -> list[Tensor]:
    return [_step(gradient, scale, rate, limit)[0], torch.tensor([scale / 2])]


@scaled_step.wrong("Uphill or downhill? The weights move against the gradient.")
def _climbs(*args: Any) -> list[Tensor]:
    return _step(*args, sign=1.0)


@scaled_step.wrong(
    "Where is the clipping? A true gradient that is longer than the limit has to be shortened."
)
def _not_clipped(*args: Any) -> list[Tensor]:
    return _step(*args, clip=False)


@scaled_step.inputs
def _gradients(rng: torch.Generator) -> Iterator[tuple[Tensor, float, float, float]]:
    yield torch.tensor([3.0, 4.0]).half(), 2.0, 0.1, 10.0
    yield torch.tensor([3.0, 4.0]).half(), 2.0, 0.1, 1.0
    yield torch.tensor([1.0, torch.inf]).half(), 8.0, 0.1, 1.0
    yield torch.tensor([-torch.inf, 2.0, -1.0]).half(), 4.0, 0.2, 1.0
    # tiny gradients are not clipped: torch's own clipping adds 1e-6 to the length
    for n, power, size, share in (
        (3, 10, 1e-6, 20.0),
        (5, 16, 1e-7, 30.0),
        (4, 7, 0.3, 0.5),
        (8, 8, 1e-2, 0.2),
        (6, 14, 1e-6, 9.0),
        (40, 12, 1e-3, 1.5),
        (2, 3, 1.0, 0.1),
        (7, 15, 1e-5, 12.0),
    ):
        true = size * (0.5 + torch.rand(n, generator=rng)) * (-1) ** torch.arange(n)
        scale = 2.0**power
        rate = 0.01 + float(torch.rand((), generator=rng))
        yield (true * scale).half(), scale, rate, share * float(true.norm())
    for n, bad in ((4, torch.inf), (5, torch.inf), (3, -torch.inf)):
        gradient = torch.randn(n, generator=rng).half()
        gradient[n // 2] = bad
        high = int(torch.randint(7, 15, (), generator=rng))
        yield gradient, 2.0**high, 0.3, 0.1
