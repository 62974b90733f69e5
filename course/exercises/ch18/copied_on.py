"""Exercise 18.1: what an induction head does, without any net: find the latest copy, go one on."""

from collections.abc import Iterator
from itertools import pairwise

import torch

from course.judging.exercise import exercise


@exercise(
    "18.1",
    minutes=6,
    hints=(
        "Take the last token. Where did it stand before? The last place itself does not count.",
        "Go through the earlier places from the right, so that the latest copy is found first: "
        "range(len(ids) - 2, -1, -1).",
        "If ids[place] == ids[-1], the answer is ids[place + 1]. If no place fits, it is -1.",
    ),
)
def copied_on(ids: list[int]) -> int:
    """Predict the next token as an induction head does: by the latest earlier copy.

    ids: the tokens of a text, one or more.
    Returns the token that followed the latest earlier copy of the last token; -1 if the
    last token has not stood there before.
    """
    for place in range(len(ids) - 2, -1, -1):
        if ids[place] == ids[-1]:
            return ids[place + 1]
    return -1


@copied_on.also_right
def _table_of_followers(ids: list[int]) -> int:
    follows = {}
    for token, following in pairwise(ids):
        follows[token] = following  # a later one takes the place of an earlier one
    return follows.get(ids[-1], -1)


@copied_on.also_right
def _turned_round(ids: list[int]) -> int:
    last, *earlier = ids[::-1]
    if last not in earlier:
        return -1
    back = earlier.index(last)
    return ids[len(ids) - 1 - back]


@copied_on.also_right
def _all_places(ids: list[int]) -> int:
    places = [place for place, token in enumerate(ids[:-1]) if token == ids[-1]]
    return ids[places[-1] + 1] if places else -1


@copied_on.wrong("Which copy, if there are several? The latest; this takes the first one.")
def _first_copy(ids: list[int]) -> int:
    earlier = ids[:-1]
    return ids[earlier.index(ids[-1]) + 1] if ids[-1] in earlier else -1


@copied_on.wrong(
    "What does it write? The token *behind* the earlier copy. This writes the copy itself, which is "
    "the last token again."
)
def _the_copy_itself(ids: list[int]) -> int:
    return ids[-1] if ids[-1] in ids[:-1] else -1


@copied_on.wrong("Behind the copy, or before it? One place further on, not one place back.")
def _before_the_copy(ids: list[int]) -> int:
    for place in range(len(ids) - 2, 0, -1):
        if ids[place] == ids[-1]:
            return ids[place - 1]
    return -1


@copied_on.wrong(
    "Does the last place count as an earlier one? It does not: nothing stands behind it yet."
)
def _looks_at_itself(ids: list[int]) -> int:
    for place in range(len(ids) - 1, -1, -1):
        if ids[place] == ids[-1]:
            return ids[place + 1] if place + 1 < len(ids) else -1
    return -1


@copied_on.wrong(
    "What if two equal tokens stand at the end, as in 5 7 7? The place just before the last one is "
    "an earlier copy, too, and 7 followed it."
)
def _leaves_out_the_one_before(ids: list[int]) -> int:
    for place in range(len(ids) - 3, -1, -1):
        if ids[place] == ids[-1]:
            return ids[place + 1]
    return -1


@copied_on.wrong(
    "What if the token has not stood there before? Then the answer is -1, and not what came last."
)
def _repeats_if_unknown(ids: list[int]) -> int:
    for place in range(len(ids) - 2, -1, -1):
        if ids[place] == ids[-1]:
            return ids[place + 1]
    return ids[-1]


@copied_on.wrong(
    "The most frequent follower, or the latest? This counts what followed most often. An induction "
    "head as we have it takes the latest copy."
)
def _most_frequent(ids: list[int]) -> int:
    after = [b for a, b in pairwise(ids) if a == ids[-1]]
    return max(after, key=after.count) if after else -1


@copied_on.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[list[int]]]:
    yield ([3, 8, 5, 3],)
    yield ([5, 1, 5, 2, 5, 2, 5, 3, 5],)
    yield ([5, 7, 7],)
    yield ([2, 6, 4],)
    for size, most in (
        *((16, 4), (19, 5), (14, 6), (25, 9), (40, 12), (60, 17), (12, 40), (33, 50), (50, 11)),
        *((22, 6), (45, 8), (30, 10), (80, 25), (37, 7)),
    ):
        yield ((10 * torch.randint(most, (size,), generator=rng)).tolist(),)
    few = torch.randint(1, 90, (4,), generator=rng).tolist()
    a, b, c, d = few
    yield ([99, a, 99, b, 99, b, 99, c, 99],)
    yield ([c, d, 95, d, 95, a, 95, d, 95, b, c, 95],)
