"""Exercise 01.2: draw a candidate with a dart."""

import bisect
import itertools
from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "01.2",
    minutes=8,
    hints=(
        "Walk along the line from 0. Each candidate adds its probability to the place where you "
        "are: its right edge.",
        "The dart lies on the first stretch whose right edge is larger than the dart. An edge "
        "itself belongs to the next candidate: a stretch of width 0 is never hit.",
        "A loop with `edge += p` and `if dart < edge: return index` does it; after the loop, "
        "return the last index.",
    ),
)
def draw_index(probabilities: torch.Tensor, dart: float) -> int:
    """Draw a candidate with a dart.

    The candidates lie side by side on a line that starts at 0, in their order, each as
    wide as it is probable. A stretch includes its left edge, and not its right one.
    Rounding may leave the end of the last stretch a hair below 1; a dart beyond it hits
    the last candidate.

    probabilities: shape (vocab,).
    dart: a number from 0 up to, and not including, 1.
    Returns the index of the candidate that is hit, an int.
    """
    edge = 0.0
    for index, p in enumerate(probabilities.tolist()):
        edge += p
        if dart < edge:
            return index
    return len(probabilities) - 1


@draw_index.also_right
def _search(probabilities: Tensor, dart: float) -> int:
    edges = probabilities.double().cumsum(dim=0)
    place = torch.searchsorted(edges, torch.tensor(dart, dtype=torch.float64), right=True)
    return int(place.clamp(max=len(edges) - 1))


@draw_index.also_right
def _count_the_edges_passed(probabilities: Tensor, dart: float) -> Tensor:
    return (probabilities.cumsum(dim=0)[:-1] <= dart).sum()


@draw_index.also_right
def _bisect(probabilities: Tensor, dart: float) -> int:
    edges = list(itertools.accumulate(float(p) for p in probabilities))
    return min(bisect.bisect_right(edges, dart), len(edges) - 1)


@draw_index.wrong(
    "Does the dart play a part? This always takes the likeliest candidate, which is greedy "
    "decoding."
)
def _likeliest(probabilities: Tensor, dart: float) -> int:
    return int(probabilities.argmax())


@draw_index.wrong(
    "Who owns an edge? A dart that lies exactly on one hits the next candidate: compare with `<`, "
    "not with `<=`. Otherwise a dart at 0 hits a first candidate that has probability 0."
)
def _edge_to_the_left(probabilities: Tensor, dart: float) -> int:
    edge = 0.0
    for index, p in enumerate(probabilities.tolist()):
        edge += p
        if dart <= edge:
            return index
    return len(probabilities) - 1


@draw_index.wrong("Is the first candidate number 0 or number 1? Indices in Python start at 0.")
def _counted_from_one(probabilities: Tensor, dart: float) -> int:
    return _bisect(probabilities, dart) + 1


@draw_index.wrong(
    "What is asked for? This is the probability of the candidate that was hit; give its index."
)
def _the_probability(probabilities: Tensor, dart: float) -> float:
    return float(probabilities[_bisect(probabilities, dart)])


@draw_index.wrong(
    "Are the stretches as wide as the probabilities? This cuts the line into equal parts."
)
def _equal_parts(probabilities: Tensor, dart: float) -> int:
    return int(dart * len(probabilities))


@draw_index.wrong(
    "Do the stretches lie side by side? Compare the dart with the sum so far, not with each one "
    "alone."
)
def _not_summed(probabilities: Tensor, dart: float) -> int:
    for index, p in enumerate(probabilities.tolist()):
        if dart < p:
            return index
    return len(probabilities) - 1


@draw_index.wrong(
    "What comes back when the dart lies beyond the last edge? Rounding can leave that edge a hair "
    "below 1. Then the loop ends without a `return`."
)
def _nothing_beyond_the_last_edge(probabilities: Tensor, dart: float) -> int | None:
    edge = 0.0
    for index, p in enumerate(probabilities.tolist()):
        edge += p
        if dart < edge:
            return index
    return None


@draw_index.wrong(
    "What comes out when the dart lies beyond the last edge? No comparison is true then, and the "
    "argmax of nothing but False is 0: the first candidate instead of the last."
)
def _first_beyond_the_last_edge(probabilities: Tensor, dart: float) -> int:
    return int((dart < probabilities.double().cumsum(dim=0)).int().argmax())


@draw_index.wrong(
    "In which order do the candidates lie on the line? In their own: sorting them changes the "
    "indices."
)
def _sorted_first(probabilities: Tensor, dart: float) -> int:
    return _bisect(probabilities.sort(descending=True).values, dart)


@draw_index.wrong(
    "Which stretch is it? This is the one before: the last candidate whose right edge was passed."
)
def _one_too_low(probabilities: Tensor, dart: float) -> int:
    return max(_bisect(probabilities, dart) - 1, 0)


@draw_index.wrong(
    "In which order do the candidates lie on the line? In their own. Sorted by probability, as for "
    "top-p, they lie elsewhere, and the dart hits another one."
)
def _sorted_like_top_p(probabilities: Tensor, dart: float) -> int:
    sorted_ones, order = probabilities.sort(descending=True)
    place = int((sorted_ones.cumsum(0) <= dart).sum())
    return int(order[min(place, len(order) - 1)])


@draw_index.inputs
def _lines_and_darts(rng: torch.Generator) -> Iterator[tuple[Tensor, float]]:
    yield torch.tensor([0.5, 0.25, 0.25]), 0.6
    for dart in (
        0.0,
        0.1,
        0.25,
        0.3,
        0.5,
        0.75,
        0.999,
    ):  # on the edges, which binary numbers hold exactly, and off them
        yield torch.tensor([0.0, 0.25, 0.25, 0.0, 0.5]), dart
    yield torch.tensor([1.0]), 0.3
    # a coarse case of rounding: the edges end at 0.999
    yield torch.tensor([0.3, 0.3, 0.399]), 0.9999
    for vocab in (2, 3, 4, 6, 9, 15, 40, 100):
        for _ in range(3):
            p = (torch.randn(vocab, generator=rng) * 1.5).softmax(dim=0)
            hit = int(torch.multinomial(p, 1, generator=rng))
            # well off both edges of the stretch
            inside = 0.1 + 0.8 * float(torch.rand(1, generator=rng))
            yield p, float(p.double()[:hit].sum() + inside * p.double()[hit])
