"""Exercise 18.6: how well a score tells right answers from wrong ones."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "18.6",
    minutes=6,
    hints=(
        "Make pairs: each right one with each wrong one. In how many of them has the right one the "
        "higher score?",
        "A tie says nothing: it counts half. Then divide by the number of pairs, "
        "len(right) * len(wrong).",
        "Two loops: points += 1 if a > b, points += 0.5 if a == b.",
    ),
)
def pairs_won(right: list[float], wrong: list[float]) -> float:
    """How well a score tells right answers from wrong ones.

    Make all pairs of a right answer with a wrong one. A pair counts 1 if the right answer
    has the higher score, and 1/2 if both have the same. A score that knows nothing gets
    about 0.5; one that is always higher for right answers gets 1. (It is called the area
    under the ROC curve.)

    right: the scores of the right answers, one or more.
    wrong: the scores of the wrong answers, one or more, not always as many.
    Returns the share, from 0 to 1.
    """
    points = 0.0
    for a in right:
        for b in wrong:
            points += 1.0 if a > b else 0.5 if a == b else 0.0
    return points / (len(right) * len(wrong))


@pairs_won.also_right
def _all_at_once(right: list[float], wrong: list[float]) -> float:
    a, b = (torch.tensor(one, dtype=torch.float64) for one in (right, wrong))
    gaps = a[:, None] - b[None, :]
    return float(((gaps.sign() + 1) / 2).mean())


@pairs_won.also_right
def _by_ranks(right: list[float], wrong: list[float]) -> float:
    every = sorted([*right, *wrong])
    ranks = [(every.index(a) + len(every) - 1 - every[::-1].index(a)) / 2 + 1 for a in right]
    fewest = len(right) * (len(right) + 1) / 2
    return (sum(ranks) - fewest) / (len(right) * len(wrong))


@pairs_won.wrong(
    "Which pairs? Each right one with *each* wrong one. This compares only those that stand at the "
    "same place."
)
def _side_by_side(right: list[float], wrong: list[float]) -> float:
    pairs = list(zip(right, wrong, strict=False))
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)


@pairs_won.wrong("What does a tie count? One half. This counts it as lost.")
def _ties_lost(right: list[float], wrong: list[float]) -> float:
    return sum(a > b for a in right for b in wrong) / (len(right) * len(wrong))


@pairs_won.wrong("What does a tie count? One half. This counts it as won.")
def _ties_won(right: list[float], wrong: list[float]) -> float:
    return sum(a >= b for a in right for b in wrong) / (len(right) * len(wrong))


@pairs_won.wrong("Who should be higher? The right one. This counts the pairs the other way round.")
def _other_way_round(right: list[float], wrong: list[float]) -> float:
    points = sum(1.0 if a < b else 0.5 if a == b else 0.0 for a in right for b in wrong)
    return points / (len(right) * len(wrong))


@pairs_won.wrong(
    "Is above 0 the same as higher? A score may be above 0 for everything. Compare right with wrong, "
    "not with a fixed line."
)
def _above_zero(right: list[float], wrong: list[float]) -> float:
    passed = sum(a > 0 for a in right) + sum(b <= 0 for b in wrong)
    return passed / (len(right) + len(wrong))


@pairs_won.wrong(
    "A share of pairs, or a difference of means? The mean can be moved by one large score; count the "
    "pairs."
)
def _means(right: list[float], wrong: list[float]) -> float:
    return sum(right) / len(right) - sum(wrong) / len(wrong)


@pairs_won.wrong("Divide by what? By the number of pairs, len(right) * len(wrong).")
def _divided_by_all(right: list[float], wrong: list[float]) -> float:
    points = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in right for b in wrong)
    return points / (len(right) + len(wrong))


@pairs_won.inputs
def _scores(rng: torch.Generator) -> Iterator[tuple[list[float], list[float]]]:
    yield [3.0, 1.0], [2.0, 0.0, 1.0]
    yield [-1.0, -2.5], [-3.0, -2.5, -9.0]
    yield [2.0, 5.0, 1.0, 8.0, 6.0], [0.5, 9.0]
    for size, others, shift in (
        *((4, 7, 0.0), (6, 5, 1.0), (9, 12, -2.0), (15, 8, 3.0), (3, 11, 20.0)),
        *((20, 13, -8.0), (7, 3, 0.5), (12, 10, 1.0)),
    ):
        right = (torch.randn(size, generator=rng) + shift).mul(4).round().div(4)
        wrong = (torch.randn(others, generator=rng) + shift - 0.5).mul(4).round().div(4)
        yield right.tolist(), wrong.tolist()
