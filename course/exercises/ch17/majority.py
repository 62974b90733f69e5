"""Exercise 17.5: the majority of several answers."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from statistics import mode

import torch

from course.judging.exercise import exercise


@exercise(
    "17.5",
    minutes=6,
    hints=(
        "Some replies have no number in them: their answer is None. They have no vote.",
        "Count how often each of the others is given. collections.Counter does it.",
        "Counter([a for a in answers if a is not None]).most_common(1)[0][0]: among equals it takes "
        "the one that came first.",
    ),
)
def majority(answers: list[int | None]) -> int:
    """The answer that is given most often.

    answers: those of several replies to one question; None where a reply has no answer. One is a
    number at least.
    Of answers that are given equally often, take the one that comes first in the list.
    """
    votes = Counter(answer for answer in answers if answer is not None)
    return votes.most_common(1)[0][0]


@majority.also_right
def _max_of_counts(answers: list[int | None]) -> int:
    given = [answer for answer in answers if answer is not None]
    return max(given, key=given.count)  # max keeps the first of the largest


@majority.also_right
def _mode(answers: list[int | None]) -> int:
    return mode([answer for answer in answers if answer is not None])


@majority.also_right
def _tally_in_a_dict(answers: list[int | None]) -> int:
    tally: dict[int, int] = {}
    for answer in answers:
        if answer is not None:
            tally[answer] = tally.get(answer, 0) + 1
    best, most = 0, 0
    for answer, count in tally.items():
        if count > most:
            best, most = answer, count
    return best


@majority.wrong(
    "Have replies without an answer a vote? They have none: leave None out before you count."
)
def _none_counts(answers: list[int | None]) -> int:
    return Counter(answers).most_common(1)[0][0] or 0


@majority.wrong(
    "An average or a vote? The mean of several answers is mostly a number that nobody has said."
)
def _mean(answers: list[int | None]) -> int:
    given = [answer for answer in answers if answer is not None]
    return round(sum(given) / len(given))


@majority.wrong(
    "The middle or the most frequent? This sorts the answers and takes the one in the middle."
)
def _median(answers: list[int | None]) -> int:
    given = sorted(answer for answer in answers if answer is not None)
    return given[len(given) // 2]


@majority.wrong(
    "Which of equals is taken? The one that comes first in the list. This takes the smallest number."
)
def _smallest_of_equals(answers: list[int | None]) -> int:
    given = [answer for answer in answers if answer is not None]
    return max(sorted(set(given)), key=given.count)


@majority.wrong(
    "Which of equals is taken? The one that comes first in the list. This takes the one that comes "
    "last."
)
def _last_of_equals(answers: list[int | None]) -> int:
    given = [answer for answer in answers if answer is not None]
    return max(given[::-1], key=given.count)


@majority.wrong(
    "Must equal answers stand side by side? A vote counts wherever it stands; this looks for the "
    "longest row of equal answers."
)
def _longest_row(answers: list[int | None]) -> int:
    given = [answer for answer in answers if answer is not None]
    best, most, run = given[0], 1, 1
    for before, answer in pairwise(given):
        run = run + 1 if answer == before else 1
        if run > most:
            best, most = answer, run
    return best


@majority.wrong("The answer or the votes? This gives how often it was given.")
def _votes(answers: list[int | None]) -> int:
    return Counter(answer for answer in answers if answer is not None).most_common(1)[0][1]


@majority.inputs
def _replies(rng: torch.Generator) -> Iterator[tuple[list[int | None]]]:
    yield ([6, 9, None, 6, None, None, None, 12],)
    yield ([8, 3, 3, 8, 50],)
    yield ([70, 10, 41, 41, 10, 70, None],)
    for size in (7, 9, 12, 16, 8, 21, 13, 10):
        kinds = torch.randint(5, 2000, (4,), generator=rng).tolist()
        said = [kinds[at] for at in torch.randint(4, (size,), generator=rng).tolist()]
        silent = torch.randint(size, (size // 2 + 2,), generator=rng).tolist()
        answers: list[int | None] = [*said, *said[:3]]
        for at in silent:
            answers[at] = None
        yield (answers,)
