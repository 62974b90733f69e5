"""Exercise 09.1: an analogy in a table of word vectors."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import normalize

from course.judging.exercise import exercise


@exercise(
    "09.1",
    minutes=10,
    hints=(
        "The question is a vector: rows[end] - rows[start] + rows[other]. Which row has the largest "
        "cosine with it?",
        "cosines = normalize(rows, dim=1) @ question. Its own length does not change which is the "
        "largest.",
        "Set the cosines at the three given rows to -inf before you take argmax(); and give back a "
        "plain int, with .item().",
    ),
)
def analogy(rows: torch.Tensor, start: int, end: int, other: int) -> int:
    """Which row is to `other` as `end` is to `start`?

    For man, woman, king it is the row of queen, if all goes well: the one whose angle
    with end - start + other is the smallest. The three given rows do not count.

    rows: word vectors as they are, not of length 1, shape (word, d_model); at least four
    rows, none of them zero.
    start, end, other: places of rows, counted from 0.
    Returns the place of the answer.
    """
    question = rows[end] - rows[start] + rows[other]
    cosines = normalize(rows, dim=1) @ question
    cosines[[start, end, other]] = -torch.inf
    return int(cosines.argmax().item())


@analogy.also_right
def _sorted_and_skipped(rows: Tensor, start: int, end: int, other: int) -> int:
    question = rows[end] - rows[start] + rows[other]
    order = torch.cosine_similarity(rows, question[None], dim=1).argsort(descending=True)
    return next(place for place in order.tolist() if place not in (start, end, other))


@analogy.also_right
def _row_by_row(rows: Tensor, start: int, end: int, other: int) -> int:
    question = (rows[end] - rows[start] + rows[other]).double()
    best, place = -2.0, -1
    for number, row in enumerate(rows.double()):
        cosine = float(row @ question / row.norm() / question.norm())
        if number not in {start, end, other} and cosine > best:
            best, place = cosine, number
    return place


@analogy.also_right
def _smallest_angle(rows: Tensor, start: int, end: int, other: int) -> int:
    question = normalize(rows[end] - rows[start] + rows[other], dim=0)
    distances = (normalize(rows, dim=1) - question).norm(dim=1)
    distances[torch.tensor([start, end, other])] = 9.0
    return distances.argmin().item()


def _best(rows: Tensor, question: Tensor, left_out: list[int]) -> int:
    cosines = normalize(rows, dim=1) @ question
    cosines[left_out] = -torch.inf
    return int(cosines.argmax().item())


@analogy.wrong(
    "Is the answer one of the three given words? They do not count, and one of them is often the "
    "nearest."
)
def _inputs_not_left_out(rows: Tensor, start: int, end: int, other: int) -> int:
    return _best(rows, rows[end] - rows[start] + rows[other], [])


@analogy.wrong("All three given words are left out. Here only `other` is.")
def _only_the_last_left_out(rows: Tensor, start: int, end: int, other: int) -> int:
    return _best(rows, rows[end] - rows[start] + rows[other], [other])


@analogy.wrong(
    "Which way does the arrow go? From `start` to `end`: end - start, and then on from other."
)
def _the_wrong_way(rows: Tensor, start: int, end: int, other: int) -> int:
    return _best(rows, rows[start] - rows[end] + rows[other], [start, end, other])


@analogy.wrong("What is taken away? Only `start`. `other` is added, not subtracted.")
def _both_taken_away(rows: Tensor, start: int, end: int, other: int) -> int:
    return _best(rows, rows[end] - rows[start] - rows[other], [start, end, other])


@analogy.wrong(
    "Where is the arrow? This is the nearest row to `other`, whatever the other two are."
)
def _nearest_to_the_last(rows: Tensor, start: int, end: int, other: int) -> int:
    return _best(rows, rows[other], [start, end, other])


@analogy.wrong("Where does the arrow begin? At `other`. This only compares with end - start.")
def _the_arrow_alone(rows: Tensor, start: int, end: int, other: int) -> int:
    return _best(rows, rows[end] - rows[start], [start, end, other])


@analogy.wrong(
    "Does the longest row win? A dot product grows with the length of a row. Divide each row by its "
    "length."
)
def _dot_products(rows: Tensor, start: int, end: int, other: int) -> int:
    products = rows @ (rows[end] - rows[start] + rows[other])
    products[[start, end, other]] = -torch.inf
    return int(products.argmax().item())


@analogy.wrong(
    "What is compared, angles or distances? The nearest point is another one than the smallest "
    "angle, if lengths differ."
)
def _nearest_point(rows: Tensor, start: int, end: int, other: int) -> int:
    distances = (rows - (rows[end] - rows[start] + rows[other])).norm(dim=1)
    distances[[start, end, other]] = torch.inf
    return int(distances.argmin().item())


@analogy.wrong(
    "Which vectors are added? Those of the table as they are. Here they are made equally long "
    "before."
)
def _shortened_before_the_sum(rows: Tensor, start: int, end: int, other: int) -> int:
    one = normalize(rows, dim=1)
    return _best(rows, one[end] - one[start] + one[other], [start, end, other])


@analogy.wrong("Which one is asked for? The row with the largest cosine; this is the smallest.")
def _farthest(rows: Tensor, start: int, end: int, other: int) -> int:
    cosines = normalize(rows, dim=1) @ (rows[end] - rows[start] + rows[other])
    cosines[[start, end, other]] = torch.inf
    return int(cosines.argmin().item())


@analogy.inputs
def _tables(rng: torch.Generator) -> Iterator[tuple[Tensor, int, int, int]]:
    yield (
        torch.tensor([[2.0, 0.0, 1.0], [2.0, 2.0, 1.0], [6.0, 0.0, 3.0], [5.0, 2.5, 2.5]]),
        0,
        1,
        2,
    )
    for n, d in ((6, 2), (9, 3), (12, 3), (8, 4), (20, 3), (30, 4), (15, 2), (25, 5), (40, 3)):
        lengths = 0.2 + 3 * torch.rand(n, 1, generator=rng)
        rows = lengths * torch.randn(n, d, generator=rng)
        start, end, other = torch.randperm(n, generator=rng)[:3].tolist()
        yield rows, start, end, other
    for n in (10, 14, 18):  # a short arrow: one of the given words is the nearest
        rows = torch.randn(n, 4, generator=rng)
        start, end, other = torch.randperm(n, generator=rng)[:3].tolist()
        rows[end] = rows[start] + 0.3 * torch.randn(4, generator=rng)
        yield rows, start, end, other
