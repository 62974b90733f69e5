"""Exercise 06.3: how many layers should lie between two checkpoints."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "06.3",
    minutes=8,
    hints=(
        "With a checkpoint before every k layers, how many checkpoints are there? n_layer / k, "
        "rounded up: math.ceil. And how much is inside one group, when it is computed again? "
        "k * inside.",
        "So at most math.ceil(n_layer / k) + k * inside is kept at a time. Try every k from 1 to "
        "n_layer.",
        "min(range(1, n_layer + 1), key=...) gives the first k with the least value, and so the "
        "smallest of several that are equally good.",
    ),
)
def best_spacing(n_layer: int, inside: int) -> int:
    """How many layers should lie between two checkpoints, so that least is kept at a time.

    Before every k layers, what enters them is kept: that is one checkpoint, and takes 1
    unit. (If k does not divide n_layer, the last group has fewer layers.) When the
    backward pass comes to a group, its layers are computed again, and then their insides
    are kept as well: `inside` units for each of the k layers.

    n_layer: the number of layers.
    inside: the units that the inside of one layer takes, 1 or more.
    Returns k, from 1 to n_layer: the smallest one, if several are equally good.
    """

    def kept(k: int) -> int:
        checkpoints = math.ceil(n_layer / k)
        return checkpoints + k * inside

    return min(range(1, n_layer + 1), key=kept)


@best_spacing.also_right
def _with_a_loop(n_layer: int, inside: int) -> int:
    best, least = 1, n_layer + inside
    for k in range(2, n_layer + 1):
        groups = (n_layer + k - 1) // k
        if groups + inside * k < least:
            best, least = k, groups + inside * k
    return best


@best_spacing.also_right
def _tensors(n_layer: int, inside: int) -> int:
    k = torch.arange(1, n_layer + 1)
    kept = -(-n_layer // k) + inside * k
    return int((kept == kept.min()).nonzero()[0]) + 1


@best_spacing.also_right
def _sorted_pairs(n_layer: int, inside: int) -> int:
    return sorted((len(range(0, n_layer, k)) + k * inside, k) for k in range(1, n_layer + 1))[0][1]


@best_spacing.wrong(
    "Is the square root always best? It is where the inside of a layer takes as much as a "
    "checkpoint, and nothing has to be rounded. Here `inside` changes nothing."
)
def _root_of_the_layers(n_layer: int, inside: int) -> int:
    return max(1, round(math.sqrt(n_layer)))


@best_spacing.wrong(
    "Every tenth layer? That is a rule that somebody once liked. Compute what each k keeps."
)
def _every_tenth(n_layer: int, inside: int) -> int:
    return min(10, n_layer)


@best_spacing.wrong(
    "How many checkpoints, or how many layers between them? This gives the number of groups. The "
    "task asks for k."
)
def _number_of_groups(n_layer: int, inside: int) -> int:
    return math.ceil(n_layer / best_spacing.reference(n_layer, inside))


@best_spacing.wrong(
    "Is one checkpoint in the middle enough? Then half of the layers are computed again at once, "
    "and all their insides kept."
)
def _in_the_middle(n_layer: int, inside: int) -> int:
    return max(1, n_layer // 2)


@best_spacing.wrong(
    "What is kept at a time? The checkpoints of all groups, and the inside of one. Here the "
    "checkpoints are not counted, so that small groups always win."
)
def _checkpoints_for_nothing(n_layer: int, inside: int) -> int:
    return 1


@best_spacing.wrong(
    "What is kept at a time? The checkpoints, and the inside of one group. Here the inside is not "
    "counted, so that one large group always wins."
)
def _inside_for_nothing(n_layer: int, inside: int) -> int:
    return n_layer


@best_spacing.wrong(
    "How much is inside a layer? `inside` units. Here each layer takes 1, as much as a checkpoint."
)
def _inside_taken_for_one(n_layer: int, inside: int) -> int:
    return best_spacing.reference(n_layer, 1)


@best_spacing.wrong(
    "Which k, if several are equally good? The smallest. Here the largest of them wins; is there a "
    "<= where a < belongs?"
)
def _largest_of_equals(n_layer: int, inside: int) -> int:
    return min(range(n_layer, 0, -1), key=lambda k: math.ceil(n_layer / k) + k * inside)


@best_spacing.wrong(
    "How many groups are there if k does not divide n_layer? The last has fewer layers, and keeps a "
    "checkpoint as well: round up. Here the rest is left out."
)
def _rest_left_out(n_layer: int, inside: int) -> int:
    return min(range(1, n_layer + 1), key=lambda k: n_layer // k + k * inside)


@best_spacing.wrong(
    "Least or how much? This gives what is kept at the best k. The task asks for that k."
)
def _kept_at_the_best(n_layer: int, inside: int) -> int:
    k = best_spacing.reference(n_layer, inside)
    return math.ceil(n_layer / k) + k * inside


@best_spacing.wrong("Least or most? This k keeps the most of all.")
def _most_of_all(n_layer: int, inside: int) -> int:
    return max(range(1, n_layer + 1), key=lambda k: math.ceil(n_layer / k) + k * inside)


@best_spacing.inputs
def _stacks(rng: torch.Generator) -> Iterator[tuple[int, int]]:
    yield 36, 1
    yield 80, 1
    yield 10, 2
    yield 80, 5
    yield 80, 16
    yield 1, 1
    for most in (60, 200, 500, 900):
        for _ in range(5):
            n_layer = int(torch.randint(most // 2, most, (1,), generator=rng))
            yield n_layer, int(torch.randint(1, 12, (1,), generator=rng))
