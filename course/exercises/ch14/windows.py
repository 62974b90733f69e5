"""Exercise 14.1: a long row of ids becomes inputs and targets."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "14.1",
    minutes=8,
    hints=(
        "A window has `length` inputs. Its targets are the ids one place further on: of the row "
        "a b c d e and length 4, a b c d is read, and b c d e is to be predicted.",
        "The next window begins where the last one's inputs end, so window number k reads "
        "ids[k * length : (k + 1) * length].",
        "The last id is never read, it is only a target. So there are (len(ids) - 1) // length "
        "whole windows.",
    ),
)
def windows(ids: torch.Tensor, length: int) -> list[torch.Tensor]:
    """Cut a text into training windows that do not overlap.

    ids: the ids of the text, int64, shape (n,), with n > length.
    length: how many ids a window reads.
    Every id but the first is a target once, and an input of one window at most. What
    does not fill a window at the end is left out.
    Returns the inputs and the targets, as a list of two tensors, int64, (windows, length)
        each.
    """
    count = (len(ids) - 1) // length
    inputs = ids[: count * length].reshape(count, length)
    targets = ids[1 : count * length + 1].reshape(count, length)
    return [inputs, targets]


Answer = list[Tensor]


@windows.also_right
def _one_after_the_other(ids: Tensor, length: int) -> Answer:
    inputs, targets = [], []
    for start in range(0, len(ids) - length, length):
        inputs.append(ids[start : start + length])
        targets.append(ids[start + 1 : start + 1 + length])
    return [torch.stack(inputs), torch.stack(targets)]


@windows.also_right
def _unfolded(ids: Tensor, length: int) -> Answer:
    both = ids.unfold(0, length + 1, length)
    return [both[:, :-1].clone(), both[:, 1:].clone()]


@windows.also_right
def _with_numpy_places(ids: Tensor, length: int) -> Answer:
    starts = np.arange((len(ids) - 1) // length) * length
    places = torch.from_numpy(starts[:, None] + np.arange(length))
    return [ids[places], ids[places + 1]]


def _cut(ids: Tensor, length: int, count: int, shift: int, stride: int) -> Answer:
    starts = range(0, count * stride, stride)
    inputs = [ids[start : start + length] for start in starts]
    targets = [ids[start + shift : start + shift + length] for start in starts]
    return [torch.stack(inputs), torch.stack(targets)]


@windows.wrong(
    "What is to be predicted? The next id. Here the targets are the inputs themselves, and copying "
    "them is no work."
)
def _not_shifted(ids: Tensor, length: int) -> Answer:
    inputs, _ = windows.reference(ids, length)
    return [inputs, inputs]


@windows.wrong(
    "How far on is the target? One place. Here it is two, and the id between is never asked for."
)
def _shifted_twice(ids: Tensor, length: int) -> Answer:
    return _cut(ids, length, (len(ids) - 2) // length, 2, length)


@windows.wrong(
    "In which direction is the shift? Here the model reads the later id and is asked for the "
    "earlier one: inputs and targets are changed round."
)
def _changed_round(ids: Tensor, length: int) -> Answer:
    return windows.reference(ids, length)[::-1]


@windows.wrong(
    "Do the windows overlap? The next one begins `length` places on, not one: here nearly every id "
    "is a target in many windows."
)
def _overlapping(ids: Tensor, length: int) -> Answer:
    return _cut(ids, length, len(ids) - length, 1, 1)


@windows.wrong(
    "Is any id left out? Here a window takes length + 1 ids for itself, and the next one begins "
    "after them: the first id of each window is never a target."
)
def _a_gap_of_one(ids: Tensor, length: int) -> Answer:
    return _cut(ids, length, len(ids) // (length + 1), 1, length + 1)


@windows.wrong(
    "Does the last window have all its targets? The last id has nothing after it; here it is asked "
    "for the first id of the text instead."
)
def _rolled(ids: Tensor, length: int) -> Answer:
    count = len(ids) // length
    targets = ids.roll(-1)
    return [part[: count * length].reshape(count, length) for part in (ids, targets)]


@windows.wrong(
    "What does a window ask for? Every place has a target. Here only the id after the whole window "
    "is asked for: one prediction where there could be `length`."
)
def _last_word_only(ids: Tensor, length: int) -> Answer:
    inputs, targets = windows.reference(ids, length)
    return [inputs, targets[:, -1:]]


@windows.wrong(
    "How many windows fit? This leaves out one that is whole: (len(ids) - 1) // length of them "
    "have all their targets."
)
def _one_too_few(ids: Tensor, length: int) -> Answer:
    return [part[:-1] for part in windows.reference(ids, length)]


@windows.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.randint(50, (9,), generator=rng), 4
    yield torch.randint(50, (12,), generator=rng), 3  # the last id would begin no window
    for n, length in ((20, 4), (21, 4), (23, 5), (30, 5), (31, 6), (40, 7), (50, 7), (33, 8)):
        extra = int(torch.randint(3, (1,), generator=rng))
        yield torch.randint(100, (n + extra,), generator=rng), length
