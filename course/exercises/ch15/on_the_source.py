"""Exercise 15.6: how well an attention pattern agrees with a known alignment."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "15.6",
    minutes=6,
    hints=(
        "Where does an output look most? pattern.argmax(dim=-1): a place in the source for each row.",
        "Is that place a right one? decides[row, place] says so: decides.gather(1, most[:, None]).",
        "Rows that nothing decides, such as a dash, do not count: decides.any(dim=-1) says which do.",
    ),
)
def on_the_source(pattern: torch.Tensor, decides: torch.Tensor) -> torch.Tensor:
    """The share of outputs that look most at a place from which they can be known.

    pattern: how much each output looks at each place of the source, shape (pos, source);
        each row adds up to 1, and no two of its weights are the same.
    decides: True where the place of the source decides the output, bool, shape (pos,
        source). Outputs that nothing decides, such as the dashes of a date, have no True in
        their row and do not count. At least one row has a True.
    Returns one number from 0 to 1.
    """
    most = pattern.argmax(dim=-1)  # (pos,)
    right = decides.gather(1, most[:, None])[:, 0]
    counts = decides.any(dim=-1)
    return right[counts].float().mean()


@on_the_source.also_right
def _row_by_row(pattern: Tensor, decides: Tensor) -> Tensor:
    right = [
        bool(truth[int(weights.argmax())])
        for weights, truth in zip(pattern, decides, strict=True)
        if truth.any()
    ]
    return torch.tensor(sum(right) / len(right))


@on_the_source.also_right
def _by_two_maxima(pattern: Tensor, decides: Tensor) -> Tensor:
    of_right = pattern.masked_fill(~decides, -1.0).max(dim=1).values
    hits = of_right == pattern.max(dim=1).values
    return hits.sum() / decides.any(dim=1).sum()


@on_the_source.also_right
def _in_numpy(pattern: Tensor, decides: Tensor) -> Tensor:
    table, truth = pattern.numpy(), decides.numpy()
    hits = truth[np.arange(len(table)), table.argmax(axis=1)]
    return torch.tensor(float(hits[truth.any(axis=1)].mean()))


def _hits(pattern: Tensor, decides: Tensor) -> Tensor:
    return decides.gather(1, pattern.argmax(dim=-1)[:, None])[:, 0]


@on_the_source.wrong(
    "What of a dash? Nothing decides it, so it can be neither right nor wrong: leave such rows out."
)
def _dashes_counted_as_wrong(pattern: Tensor, decides: Tensor) -> Tensor:
    return _hits(pattern, decides).float().mean()


@on_the_source.wrong("What of a dash? It is not right either: leave rows out that nothing decides.")
def _dashes_counted_as_right(pattern: Tensor, decides: Tensor) -> Tensor:
    return (_hits(pattern, decides) | ~decides.any(dim=-1)).float().mean()


@on_the_source.wrong(
    "Most of what? Each output looks for its place in the source: argmax along the source, dim=-1, "
    "not along the outputs."
)
def _wrong_axis(pattern: Tensor, decides: Tensor) -> Tensor:
    most = pattern.argmax(dim=0)  # (source,)
    right = decides.gather(0, most[None])[0]
    return right[decides.any(dim=0)].float().mean()


@on_the_source.wrong(
    "How much, or how often the most? This is the weight on the right places. Count the outputs "
    "whose largest weight lies there."
)
def _weights(pattern: Tensor, decides: Tensor) -> Tensor:
    counts = decides.any(dim=-1)
    return (pattern * decides).sum(dim=-1)[counts].mean()


@on_the_source.wrong(
    "Is one right place named, or several? A month's name has many letters, and each of them will "
    "do. This accepts the first one alone."
)
def _first_place_only(pattern: Tensor, decides: Tensor) -> Tensor:
    counts = decides.any(dim=-1)
    first = decides.float().argmax(dim=-1)
    return (pattern.argmax(dim=-1) == first)[counts].float().mean()


@on_the_source.wrong("Does an output look where it should look most, or least? argmax, not argmin.")
def _least(pattern: Tensor, decides: Tensor) -> Tensor:
    return on_the_source.reference(-pattern, decides)


@on_the_source.wrong("A share or a number? Divide by how many outputs count.")
def _counted(pattern: Tensor, decides: Tensor) -> Tensor:
    return _hits(pattern, decides)[decides.any(dim=-1)].float().sum()


@on_the_source.wrong(
    "Must output i look at place i? Not in a translation: the order changes. `decides` says where."
)
def _the_diagonal(pattern: Tensor, decides: Tensor) -> Tensor:
    counts = decides.any(dim=-1)
    places = torch.arange(len(pattern)).clamp(max=pattern.shape[1] - 1)
    return (pattern.argmax(dim=-1) == places)[counts].float().mean()


@on_the_source.inputs
def _patterns(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield (
        torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.4, 0.35]]),
        torch.tensor([[True, False, False], [False, False, False], [True, False, True]]),
    )
    for pos, source in ((4, 6), (6, 4), (10, 12), (10, 18), (5, 5), (8, 15)):
        for liking in (0.0, 2.0):
            decides = torch.rand(pos, source, generator=rng) < 0.25
            decides[0, :2], decides[1] = True, False
            scores = torch.randn(pos, source, generator=rng) + liking * decides
            yield scores.softmax(dim=-1), decides
