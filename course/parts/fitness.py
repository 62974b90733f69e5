"""Can a right answer be trained through? Two things that `check` does not ask.

A model is trained by gradients, so what is computed with torch has to stay in torch: an answer that
turns tensors into numbers or lists gives right values, and no gradient. And a training calls it
thousands of times on thousands of rows, so an answer that goes through the rows one by one takes
minutes. Both are found without a clock: gradients are compared, and calls of torch are counted.
"""

import copy
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from course.answers.session import fresh_session
from course.judging.exercise import Exercise

CLOSE = 1e-2  # gradients of one input, relative to the largest
MANY = 5  # times as many calls of torch as ours makes
_CASES = 12

Function = Callable[..., Any]


def without_gradient(exercise: Exercise, answer: Function) -> str:
    """Why an answer cannot be trained through, as a part of a sentence; empty if it can.

    On extreme inputs gradients are small differences of large numbers, and two right ways part. So
    another gradient is one that differs on most inputs.
    """
    apart = tried = 0
    for args in exercise.cases()[:_CASES]:
        right = _gradients(exercise.reference, args)
        if not all(bool(one.isfinite().all()) for one in right):
            continue  # at this input the gradient overflows, whoever computes it
        try:
            given = _gradients(answer, args)
        except Exception as error:  # a learner's code may raise anything
            return f"no gradient flows through it ({type(error).__name__})"
        tried += 1
        apart += not all(map(_close, right, given))
    return "the gradient that flows through it is another one" if apart > tried / 2 else ""


def calls_too_many(exercise: Exercise, answer: Function) -> tuple[int, int] | None:
    """How many calls of torch the answer and ours make on an input, if the answer goes through it
    piece by piece; None if not.
    """
    for args in exercise.cases():
        given, ours = _calls(answer, args), _calls(exercise.reference, args)
        if given > MANY * ours:
            return given, ours
    return None


def in_single_precision(exercise: Exercise, answer: Function) -> Function:
    """The answer itself; where it gives float64 and ours does not, one that gives float32.

    `check` compares numbers, and not how many bits they have. The next part does mind.
    """
    args = exercise.cases()[0]
    pairs = (list(_tensors(_called(one, args))) for one in (answer, exercise.reference))
    given, ours = ({one.dtype for one in tensors} for tensors in pairs)
    if torch.float64 not in given - ours:
        return answer

    @wraps(answer)
    def single(*args: Any) -> Any:
        return _single(answer(*args))

    return single


def _called(function: Function, args: tuple[Any, ...]) -> Any:
    with fresh_session():
        return function(*copy.deepcopy(args))


def _single(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.float() if value.dtype == torch.float64 else value
    return type(value)(map(_single, value)) if isinstance(value, list | tuple) else value


def _gradients(function: Function, args: tuple[Any, ...]) -> list[Tensor]:
    """The gradients of the sum of squares of what comes back, for every tensor of floats that goes
    in.
    """
    with fresh_session(), torch.enable_grad():
        own = [_leaf(one) for one in args]
        leaves = [one for one in own if isinstance(one, Tensor) and one.requires_grad]
        total = torch.stack([one.square().sum() for one in _tensors(function(*own))]).sum()
        found = torch.autograd.grad(total, leaves, allow_unused=True)
    pairs = zip(found, leaves, strict=True)
    return [torch.zeros_like(leaf) if one is None else one for one, leaf in pairs]


def _leaf(value: Any) -> Any:
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.detach().clone().requires_grad_()
    return copy.deepcopy(value)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)


def _close(right: Tensor, given: Tensor) -> bool:
    return bool(((right - given).abs() <= CLOSE * right.abs().max() + 1e-9).all())


class _Counter(TorchDispatchMode):
    count: int = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


def _calls(function: Function, args: tuple[Any, ...]) -> int:
    own = copy.deepcopy(args)
    with fresh_session(), _Counter() as counter:
        function(*own)
    return int(counter.count)
