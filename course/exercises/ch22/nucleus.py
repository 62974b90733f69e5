"""Exercise 22.2: the nucleus, the smallest set of likeliest tokens that has p."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "22.2",
    minutes=10,
    hints=(
        "Who enters first? The likeliest token, then the next one. Sort first: argsort with "
        "descending=True gives the ids, and with stable=True equal ones keep their order.",
        "Add up in that order: probabilities[ids].cumsum(dim=0). Where is the sum still below p? "
        "After each of these tokens at least one more has to come.",
        "Count them: (sums < p).sum() tokens do not suffice, and the one after them crosses p and "
        "belongs to the set. So take ids[: count + 1], and make a list of it with .tolist().",
    ),
)
def nucleus(probabilities: torch.Tensor, p: float) -> list[int]:
    """The tokens that top-p keeps: the smallest set of likeliest ones that has p of the
    probability.

    The tokens enter one by one, the likeliest first, and of equal ones the lowest id
    first. As soon as their probabilities add up to p or more, the set is complete.

    probabilities: shape (vocab,). They add up to 1, and some may be 0.
    p: the share that is asked for, above 0 and up to 1.
    Returns the ids of the set as a list, in the order in which they enter.
    """
    ids = probabilities.argsort(descending=True, stable=True)
    sums = probabilities[ids].cumsum(dim=0)
    not_enough = int((sums < p).sum())
    return ids[: not_enough + 1].tolist()


@nucleus.also_right
def _one_token_after_the_other(probabilities: Tensor, p: float) -> list[int]:
    values, mass = probabilities.tolist(), 0.0
    chosen: list[int] = []
    for id in sorted(range(len(values)), key=lambda id: (-values[id], id)):
        chosen.append(id)
        mass += values[id]
        if mass >= p:
            break
    return chosen


@nucleus.also_right
def _largest_taken_away(probabilities: Tensor, p: float) -> list[int]:
    left = probabilities.double()  # a copy
    chosen: list[int] = []
    while not chosen or probabilities.double()[chosen].sum() < p:
        chosen.append(int(left.argmax()))
        left[chosen[-1]] = -1
    return chosen


@nucleus.also_right
def _mass_before_each_token(probabilities: Tensor, p: float) -> list[int]:
    ranked, ids = probabilities.sort(descending=True, stable=True)
    return ids[ranked.cumsum(dim=0) - ranked < p].tolist()


@nucleus.also_right
def _numpy_searchsorted(probabilities: Tensor, p: float) -> list[int]:
    ids = np.argsort(-probabilities.numpy(), kind="stable")
    sums = probabilities.numpy().astype(np.float64)[ids].cumsum()
    return [int(id) for id in ids[: np.searchsorted(sums, p) + 1]]


def _ranked(probabilities: Tensor) -> tuple[Tensor, Tensor]:
    """The ids in the order in which they enter, and the sums up to each of them,
    (vocab,) both.
    """
    ids = probabilities.argsort(descending=True, stable=True)
    return ids, probabilities[ids].cumsum(dim=0)


@nucleus.wrong(
    "Does the set add up to p? The token that crosses p belongs to it, or the sum stays below. "
    "This leaves it out."
)
def _without_the_one_that_crosses(probabilities: Tensor, p: float) -> list[int]:
    ids, sums = _ranked(probabilities)
    return ids[sums <= p].tolist()


@nucleus.wrong(
    "When is the set complete? When its sum is p or more. This keeps only what is below p: not "
    "even a token that reaches p exactly is in it."
)
def _only_what_is_below(probabilities: Tensor, p: float) -> list[int]:
    ids, sums = _ranked(probabilities)
    return ids[sums < p].tolist()


@nucleus.wrong(
    "Is one token kept only so that the set is not empty? The one that crosses p always belongs to "
    "it, whether it is the first or a later one."
)
def _never_empty_but_too_small(probabilities: Tensor, p: float) -> list[int]:
    ids, sums = _ranked(probabilities)
    return ids[: max(1, int((sums <= p).sum()))].tolist()


@nucleus.wrong(
    "Is it the smallest set? It has p of the probability already, before its last token: one is "
    "too many."
)
def _one_more(probabilities: Tensor, p: float) -> list[int]:
    ids, sums = _ranked(probabilities)
    return ids[: int((sums < p).sum()) + 2].tolist()


@nucleus.wrong(
    "Is a sum of exactly p enough? Yes: p or more. Here another token enters in that case; look at "
    "your < and <=."
)
def _more_than_p(probabilities: Tensor, p: float) -> list[int]:
    ids, sums = _ranked(probabilities)
    return ids[: int((sums <= p).sum()) + 1].tolist()


@nucleus.wrong(
    "In which order do the ids come? As they enter, the likeliest first. Here they are sorted by "
    "id."
)
def _sorted_by_id(probabilities: Tensor, p: float) -> list[int]:
    return sorted(nucleus.reference(probabilities, p))


@nucleus.wrong(
    "Is p a bound for each token? No, for the sum of the set. Hardly any token has that much "
    "probability by itself."
)
def _each_at_least_p(probabilities: Tensor, p: float) -> list[int]:
    ids, _ = _ranked(probabilities)
    return ids[probabilities[ids] >= p].tolist()


@nucleus.wrong(
    "What is compared with p? A sum of probabilities. This keeps each token whose own probability "
    "is 1 - p or more."
)
def _each_at_least_the_rest(probabilities: Tensor, p: float) -> list[int]:
    ids, _ = _ranked(probabilities)
    return ids[probabilities[ids] >= 1 - p].tolist()


@nucleus.wrong(
    "With what is each token compared here? With p times the likeliest one: that is min-p. Top-p "
    "adds up."
)
def _compared_with_the_likeliest(probabilities: Tensor, p: float) -> list[int]:
    ids, _ = _ranked(probabilities)
    return ids[probabilities[ids] >= p * probabilities.max()].tolist()


@nucleus.wrong(
    "Is the set always of the same size? That is top-k. Here the size follows from p and from how "
    "sure the model is."
)
def _always_three(probabilities: Tensor, p: float) -> list[int]:
    return _ranked(probabilities)[0][:3].tolist()


@nucleus.wrong(
    "A share of what? Of the probability, and not of the tokens: a sure model needs one token only."
)
def _share_of_the_tokens(probabilities: Tensor, p: float) -> list[int]:
    return _ranked(probabilities)[0][: math.ceil(p * len(probabilities))].tolist()


@nucleus.wrong(
    "Who enters first? The likeliest token. Here they are added up by id: sort before cumsum."
)
def _not_sorted(probabilities: Tensor, p: float) -> list[int]:
    return list(range(min(len(probabilities), int((probabilities.cumsum(dim=0) < p).sum()) + 1)))


@nucleus.wrong(
    "Which end comes first? The likeliest. Here the least likely do: sort with descending=True."
)
def _least_likely_first(probabilities: Tensor, p: float) -> list[int]:
    ids = probabilities.argsort(stable=True)
    return ids[: int((probabilities[ids].cumsum(dim=0) < p).sum()) + 1].tolist()


@nucleus.wrong(
    "Which of two equal tokens enters first? The one with the lower id. Turning an ascending order "
    "round puts it last: descending=True and stable=True keep it in front."
)
def _equal_ones_from_the_right(probabilities: Tensor, p: float) -> list[int]:
    ids = probabilities.argsort(stable=True).flip(0)
    return ids[: int((probabilities[ids].cumsum(dim=0) < p).sum()) + 1].tolist()


@nucleus.wrong(
    "Ids or probabilities? The set is made of token ids; these are the chances of its tokens."
)
def _probabilities_of_the_set(probabilities: Tensor, p: float) -> list[float]:
    return probabilities[nucleus.reference(probabilities, p)].tolist()


@nucleus.wrong(
    "Whose number is this: the token's, or its place after sorting? The places always count up "
    "from 0. Use the ids that argsort or sort gives."
)
def _places_for_ids(probabilities: Tensor, p: float) -> list[int]:
    return list(range(len(nucleus.reference(probabilities, p))))


@nucleus.wrong(
    "Which tokens are kept? This only says how many. The ids themselves are asked for, as a list."
)
def _size_of_the_set(probabilities: Tensor, p: float) -> int:
    return len(nucleus.reference(probabilities, p))


@nucleus.wrong(
    "Is it a list? The ids are right, but this is a tensor: .tolist() makes a list of it."
)
def _tensor_of_ids(probabilities: Tensor, p: float) -> Tensor:
    return torch.tensor(nucleus.reference(probabilities, p))


@nucleus.wrong(
    "Which side of the border is kept? The likely tokens. These are the ones that top-p throws "
    "away."
)
def _what_is_thrown_away(probabilities: Tensor, p: float) -> list[int]:
    return _ranked(probabilities)[0][len(nucleus.reference(probabilities, p)) :].tolist()


@nucleus.wrong(
    "Is `probabilities` made of logits? They have been through the softmax. A second one makes "
    "them nearly flat, and the set too large."
)
def _softmax_of_probabilities(probabilities: Tensor, p: float) -> list[int]:
    return nucleus.reference(probabilities.softmax(dim=0), p)


def _clear_of_p(vocab: int, p: float, spread: float, rng: torch.Generator) -> Tensor:
    """Probabilities whose sums stay away from p and from each other, so that no
    rounding decides.
    """
    while True:
        probabilities = (torch.randn(vocab, generator=rng) * spread).softmax(dim=0)
        sums = probabilities.double().sort(descending=True).values.cumsum(dim=0)
        if (sums - p).abs().min() > 1e-4:
            return probabilities


def _parts_of_64(vocab: int, rng: torch.Generator) -> Tensor:
    """Probabilities that are whole multiples of 1/64: their sums are exact, many are
    equal, and some are 0.
    """
    cuts = torch.randint(0, 65, (vocab - 1,), generator=rng).sort().values
    return torch.diff(cuts, prepend=torch.tensor([0]), append=torch.tensor([64])) / 64


@nucleus.inputs
def _probabilities_and_shares(rng: torch.Generator) -> Iterator[tuple[Tensor, float]]:
    yield torch.tensor([0.25, 0.625, 0.125]), 0.75
    yield torch.tensor([0.125, 0.5, 0.125, 0.25]), 0.75  # reached exactly
    # of two equal ones, one is enough
    yield torch.tensor([0.125, 0.125, 0.25, 0.5]), 0.875
    yield torch.tensor([0.0, 0.5, 0.0, 0.5]), 1.0
    yield torch.tensor([0.25, 0.25, 0.25, 0.25]), 0.5
    yield torch.tensor([0.0625, 0.9375]), 0.01
    for vocab in (2, 3, 6, 12, 50):
        for p, spread in ((0.1, 1.0), (0.5, 0.5), (0.8, 1.0), (0.9, 2.0), (0.95, 3.0), (0.7, 0.1)):
            yield _clear_of_p(vocab, p, spread, rng), p
    for vocab, half in itertools.product((4, 7, 20, 33), (0.0, 0.5)):
        yield _parts_of_64(vocab, rng), (int(torch.randint(1, 64, (), generator=rng)) + half) / 64
