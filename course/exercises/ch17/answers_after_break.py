"""Exercise 17.2: does the answer follow a broken step?"""

from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "17.2",
    minutes=7,
    hints=(
        "Which cases can tell anything? Where the broken step leads to the same answer as the right "
        "one, to follow and to stay look alike.",
        "Keep the triples with follows != before. Of these, count those with after == follows, and "
        "those with after == before.",
        "Divide both counts by the number of the cases that were kept.",
    ),
)
def answers_after_break(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    """How often answers follow a broken step, and how often they stay as they were.

    before: the answer to each question, with its steps untouched.
    after: the answer to the same question, after one step was overwritten with a wrong one.
    follows: what would come out of that wrong step by right calculation.
    Some wrong steps lead to the same answer all the same. Such a case tells nothing, and is left
    out; at least one is left over.
    Returns two shares of the cases that are left: those whose answer follows, and those whose
    answer stays. An answer can do neither.
    """
    cases = zip(before, after, follows, strict=True)
    telling = [(old, new, other) for old, new, other in cases if other != old]
    followed = sum(new == other for _, new, other in telling)
    stayed = sum(new == old for old, new, _ in telling)
    return [followed / len(telling), stayed / len(telling)]


@answers_after_break.also_right
def _numpy_masks(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    old, new, other = np.array(before), np.array(after), np.array(follows)
    telling = old != other
    return [float((new == other)[telling].mean()), float((new == old)[telling].mean())]


@answers_after_break.also_right
def _in_one_loop(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    count = followed = stayed = 0
    for place, answer in enumerate(after):
        if before[place] == follows[place]:
            continue
        count += 1
        if answer == follows[place]:
            followed += 1
        elif answer == before[place]:
            stayed += 1
    return [followed / count, stayed / count]


@answers_after_break.wrong(
    "What does a case tell in which the wrong step leads to the old answer? Nothing: whether the "
    "answer followed or stayed cannot be seen. Leave it out."
)
def _all_cases(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    followed = sum(new == other for new, other in zip(after, follows, strict=True))
    stayed = sum(new == old for old, new in zip(before, after, strict=True))
    return [followed / len(after), stayed / len(after)]


@answers_after_break.wrong(
    "Has an answer that changed followed the step? It may be a third one, that comes from nowhere: "
    "compare it with what follows."
)
def _changed_is_followed(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    kept = [case for case in zip(before, after, follows, strict=True) if case[0] != case[2]]
    stayed = sum(new == old for old, new, _ in kept) / len(kept)
    return [1 - stayed, stayed]


@answers_after_break.wrong(
    "A share of what? Of the cases that tell something. This leaves cases out above the line, and "
    "counts them below it."
)
def _divided_by_all(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    kept = [case for case in zip(before, after, follows, strict=True) if case[0] != case[2]]
    followed = sum(new == other for _, new, other in kept)
    stayed = sum(new == old for old, new, _ in kept)
    return [followed / len(before), stayed / len(before)]


@answers_after_break.wrong("Which of the two comes first? Those that follow, then those that stay.")
def _turned_round(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    kept = [case for case in zip(before, after, follows, strict=True) if case[0] != case[2]]
    followed = sum(new == other for _, new, other in kept)
    stayed = sum(new == old for old, new, _ in kept)
    return [stayed / len(kept), followed / len(kept)]


@answers_after_break.wrong(
    "Which cases are left out? Those in which the wrong step leads to the old answer. This leaves "
    "out those whose answer did not change, and they tell a lot."
)
def _unchanged_left_out(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    kept = [case for case in zip(before, after, follows, strict=True) if case[0] != case[1]]
    followed = sum(new == other for _, new, other in kept)
    stayed = sum(new == old for old, new, _ in kept)
    return [followed / max(1, len(kept)), stayed / max(1, len(kept))]


@answers_after_break.wrong(
    "A share or a count? Divide by the number of cases that are left, so that it lies between 0 and 1."
)
def _counts(before: list[str], after: list[str], follows: list[str]) -> list[float]:
    kept = [case for case in zip(before, after, follows, strict=True) if case[0] != case[2]]
    followed = sum(new == other for _, new, other in kept)
    return [float(followed), float(sum(new == old for old, new, _ in kept))]


@answers_after_break.inputs
def _runs(rng: torch.Generator) -> Iterator[tuple[list[str], list[str], list[str]]]:
    yield ["5", "1", "8", "4"], ["6", "1", "8", "9"], ["6", "2", "8", "3"]
    for size in (7, 12, 9, 20, 31, 8, 15, 11, 40, 17):
        before = torch.randint(10, (size,), generator=rng)
        follows = (before + torch.randint(4, (size,), generator=rng)) % 10
        follows[0], follows[1], follows[2] = (before[0] + 1) % 10, before[1], (before[2] + 3) % 10
        third = torch.randint(10, (size,), generator=rng)
        pick = torch.randint(3, (size,), generator=rng)
        pick[:3] = torch.tensor([0, 1, 1])
        after = torch.where(pick == 0, follows, torch.where(pick == 1, before, third))
        after[-1] = (follows[-1] + 5) % 10
        yield _as_texts(before), _as_texts(after), _as_texts(follows)


def _as_texts(digits: torch.Tensor) -> list[str]:
    return [str(digit) for digit in digits.tolist()]
