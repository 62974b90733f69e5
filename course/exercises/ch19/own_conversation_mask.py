"""Exercise 19.3: who may look at whom in a row of several conversations."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "19.3",
    minutes=5,
    hints=(
        "Two conditions must hold at once: the key belongs to the same conversation, and it does not "
        "come after the query.",
        "owner[:, None] == owner[None, :] compares every token with every other one. For the second "
        "condition: torch.ones(n, n, dtype=torch.bool).tril().",
        "same & torch.ones(n, n, dtype=torch.bool).tril()",
    ),
)
def own_conversation_mask(owner: torch.Tensor) -> torch.Tensor:
    """Who may look at whom in a row of several conversations.

    A token may look at itself, and at the tokens before it in its own conversation.

    owner: whole numbers, shape (pos,): which conversation each token belongs to. A conversation
        may have any number, and its tokens need not stand side by side.
    Returns True and False, shape (pos, pos): [query, key] is True if query may look at key.
    """
    same = owner[:, None] == owner[None, :]
    not_later = torch.ones(len(owner), len(owner), dtype=torch.bool).tril()
    return same & not_later


@own_conversation_mask.also_right
def _place_by_place(owner: Tensor) -> Tensor:
    n = len(owner)
    rows = [[bool(owner[q] == owner[k]) and k <= q for k in range(n)] for q in range(n)]
    return torch.tensor(rows)


@own_conversation_mask.also_right
def _places_compared(owner: Tensor) -> Tensor:
    place = torch.arange(len(owner))
    return owner.unsqueeze(1).eq(owner) & place.unsqueeze(1).ge(place)


@own_conversation_mask.also_right
def _union_of_blocks(owner: Tensor) -> Tensor:
    mask = torch.zeros(len(owner), len(owner), dtype=torch.bool)
    for one in owner.unique():
        mine = owner == one
        mask |= torch.outer(mine, mine)
    return mask.tril()


@own_conversation_mask.wrong(
    "May a token look at another conversation? Here it may: this is the causal mask alone, and the "
    "second conversation reads the first."
)
def _causal_alone(owner: Tensor) -> Tensor:
    return torch.ones(len(owner), len(owner), dtype=torch.bool).tril()


@own_conversation_mask.wrong(
    "May a token look ahead? Here it may, within its conversation. It would see the answer that it "
    "is to predict."
)
def _looks_ahead(owner: Tensor) -> Tensor:
    return owner[:, None] == owner[None, :]


@own_conversation_mask.wrong(
    "Does a token see itself? It does. Here the diagonal is missing, and the first token of a "
    "conversation would look at nothing."
)
def _blind_for_itself(owner: Tensor) -> Tensor:
    return (owner[:, None] == owner[None, :]).tril(-1)


@own_conversation_mask.wrong(
    "Which axis is the query? The first. Here it is the second: every token looks at what comes "
    "after it."
)
def _axes_exchanged(owner: Tensor) -> Tensor:
    return (owner[:, None] == owner[None, :]).triu()


@own_conversation_mask.wrong(
    "Which conversations may be seen? The own one. Here it is every other one, and not the own."
)
def _the_others(owner: Tensor) -> Tensor:
    return (owner[:, None] != owner[None, :]).tril()


@own_conversation_mask.wrong(
    "Does a larger number come later? Owners may have any numbers. Compare whether they are equal, "
    "not which one is larger."
)
def _numbers_in_order(owner: Tensor) -> Tensor:
    return (owner[:, None] >= owner[None, :]).tril()


@own_conversation_mask.wrong(
    "True and False, or numbers to add to the scores? Here 0 and minus infinity are given back; the "
    "mask itself is asked for."
)
def _added_to_scores(owner: Tensor) -> Tensor:
    mask = (owner[:, None] == owner[None, :]).tril()
    return torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))


@own_conversation_mask.wrong(
    "What does True mean? That a query may look. Here True stands where it may not."
)
def _turned_round(owner: Tensor) -> Tensor:
    return ~(owner[:, None] == owner[None, :]).tril()


@own_conversation_mask.inputs
def _owners(rng: torch.Generator) -> Iterator[tuple[Tensor]]:
    yield (torch.tensor([0, 0, 1, 1, 1]),)
    yield (torch.tensor([5, 5, 2, 2]),)
    yield (torch.tensor([1, 0, 1, 0, 0]),)
    yield (torch.tensor([3]),)
    yield (torch.tensor([-1, 4, 4, -1, 9]),)
    for length in (4, 7, 11, 5, 6, 9, 13):
        yield (torch.randint(-2, 3, (length,), generator=rng),)
