"""Exercise 08.1: precision and recall of a filter."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "08.1",
    minutes=6,
    hints=(
        "How many pages are in both lists? Call them hits. Both shares have the hits on top.",
        "Precision asks about what was thrown out: of `found`, which share should have gone? Recall "
        "asks about what there was: of `truth`, which share was found?",
        "Turn both lists into sets: hits = len(set(found) & set(truth)). Then divide by the size of "
        "the one and of the other. Where that size is 0 the share is 0.0.",
    ),
)
def precision_and_recall(found: list[int], truth: list[int]) -> list[float]:
    """Precision and recall of a filter whose truth is known.

    found: the numbers of the pages that the filter threw out, in any order, each once.
    truth: the numbers of the pages that it should have thrown out, in any order, each once.
    Either may be empty. A share of nothing is 0.0.
    Returns a list of two shares from 0 to 1: precision, recall.
    """
    hits = len(set(found) & set(truth))
    precision = hits / len(found) if found else 0.0
    recall = hits / len(truth) if truth else 0.0
    return [precision, recall]


@precision_and_recall.also_right
def _counting_in_a_loop(found: list[int], truth: list[int]) -> list[float]:
    hits = 0
    for page in found:
        if page in truth:
            hits += 1
    return [hits / max(1, len(found)), hits / max(1, len(truth))]


@precision_and_recall.also_right
def _with_tensors(found: list[int], truth: list[int]) -> list[float]:
    hits = torch.isin(torch.tensor(found), torch.tensor(truth)).sum().double()
    sizes = torch.tensor([max(1, len(found)), max(1, len(truth))])
    return (hits / sizes).tolist()


@precision_and_recall.also_right
def _from_the_misses(found: list[int], truth: list[int]) -> list[float]:
    false_alarms = len(set(found) - set(truth))
    missed = len(set(truth) - set(found))
    return [
        1 - false_alarms / len(found) if found else 0.0,
        1 - missed / len(truth) if truth else 0.0,
    ]


def _hits(found: list[int], truth: list[int]) -> int:
    return len(set(found) & set(truth))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


@precision_and_recall.wrong(
    "Which comes first? These are swapped: precision is the share of what was found, recall the "
    "share of what there is to find."
)
def _swapped(found: list[int], truth: list[int]) -> list[float]:
    return precision_and_recall.reference(truth, found)


@precision_and_recall.wrong(
    "What is recall a share of? Of the pages that should go. Both of these are shares of `found`."
)
def _both_of_found(found: list[int], truth: list[int]) -> list[float]:
    return [_share(_hits(found, truth), len(found))] * 2


@precision_and_recall.wrong(
    "What is precision a share of? Of the pages that were thrown out. Both of these are shares of "
    "`truth`."
)
def _both_of_truth(found: list[int], truth: list[int]) -> list[float]:
    return [_share(_hits(found, truth), len(truth))] * 2


@precision_and_recall.wrong(
    "A share of what? This divides by all pages that stand in either list: that is the Jaccard "
    "similarity of the two lists. Divide by `found` for one share and by `truth` for the other."
)
def _of_either(found: list[int], truth: list[int]) -> list[float]:
    return [_share(_hits(found, truth), len(set(found) | set(truth)))] * 2


@precision_and_recall.wrong(
    "Right or wrong pages on top? These are the shares of mistakes: false alarms and misses. "
    "Precision and recall count the hits."
)
def _mistakes(found: list[int], truth: list[int]) -> list[float]:
    return [
        _share(len(set(found) - set(truth)), len(found)),
        _share(len(set(truth) - set(found)), len(truth)),
    ]


@precision_and_recall.wrong(
    "Is a hit a page or a place in the list? The lists are in any order: this compares the first "
    "with the first and the second with the second."
)
def _place_by_place(found: list[int], truth: list[int]) -> list[float]:
    hits = sum(one == other for one, other in zip(found, truth, strict=False))
    return [_share(hits, len(found)), _share(hits, len(truth))]


@precision_and_recall.wrong(
    "How many hits? This takes the size of the shorter list: that many there could be at most. Count "
    "the pages that stand in both."
)
def _shorter_list(found: list[int], truth: list[int]) -> list[float]:
    hits = min(len(found), len(truth))
    return [_share(hits, len(found)), _share(hits, len(truth))]


@precision_and_recall.wrong(
    "What is a share of nothing here? 0.0: a filter that finds nothing has not earned precision 1."
)
def _nothing_is_perfect(found: list[int], truth: list[int]) -> list[float]:
    precision, recall = precision_and_recall.reference(found, truth)
    return [precision if found else 1.0, recall if truth else 1.0]


@precision_and_recall.wrong(
    "One number or two? This is their harmonic mean, F1, twice. Return the two that it is made of."
)
def _f1(found: list[int], truth: list[int]) -> list[float]:
    return [_share(2 * _hits(found, truth), len(found) + len(truth))] * 2


@precision_and_recall.wrong("Shares or per cent? Shares from 0 to 1 are asked for.")
def _in_per_cent(found: list[int], truth: list[int]) -> list[float]:
    return [100 * share for share in precision_and_recall.reference(found, truth)]


@precision_and_recall.wrong("Shares or counts? These are whole numbers; do not round, and use /.")
def _rounded_down(found: list[int], truth: list[int]) -> list[float]:
    return [float(math.floor(share)) for share in precision_and_recall.reference(found, truth)]


@precision_and_recall.wrong(
    "Of which pages is precision a share? Of those that were found. Divided by all that were found "
    "or should have been, it is the Jaccard similarity."
)
def _jaccard_for_precision(found: list[int], truth: list[int]) -> list[float]:
    both, either = {*found} & {*truth}, {*found} | {*truth}
    return [
        len(both) / len(either) if either else 0.0,
        len(both) / len({*truth}) if truth else 0.0,
    ]


@precision_and_recall.inputs
def _filters(rng: torch.Generator) -> Iterator[tuple[list[int], list[int]]]:
    yield [3, 8], [8, 5, 2]
    yield [], [4, 1]
    yield [7, 2, 9], []
    yield [6], [6]
    for count in (12, 20, 37, 60, 300, 1000):
        order = torch.randperm(count, generator=rng).tolist()
        bad = count // 3
        sizes = torch.randint(1, bad, (2,), generator=rng).tolist()
        found = order[: sizes[0]] + order[bad : bad + 1 + sizes[1]]
        truth = order[:bad]
        mixed = torch.randperm(len(found), generator=rng).tolist()
        yield [found[at] for at in mixed], truth
