"""Exercise 22.1: min-p on the model's own probabilities, and the temperature after it."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise
from utils.generation.sampling import keep_min_p


@exercise(
    "22.1",
    minutes=8,
    hints=(
        "Two steps, in this order: which tokens stay, and how the probability is shared among "
        "them. What does the first step look at: the logits as they are, or divided already?",
        "p = logits.softmax(dim=0), and a token stays if p >= min_p * p.max(). How can a softmax "
        "be told that the others have no chance at all?",
        "Minus infinity is the logit of what cannot happen: (logits / temperature)"
        ".masked_fill(~stays, -torch.inf).softmax(dim=0). The softmax makes the rest add up to 1.",
    ),
)
def cut_then_warm(logits: torch.Tensor, min_p: float, temperature: float) -> torch.Tensor:
    """Min-p, and then the temperature: in this order, as llama.cpp has it.

    First it is decided which tokens stay: those that are at least min_p times as likely
    as the likeliest one, while the model is as sure as it was, at temperature 1. Then
    the logits of these are divided by the temperature, and a softmax shares the
    probability among them. All others have none.

    logits: shape (vocab,), anything from -1000 to 1000.
    min_p: from 0, with which all stay, to 1, with which only the likeliest stays, or
        several, if they are equally likely.
    temperature: above 0.
    Returns the probabilities, shape (vocab,). They add up to 1.
    """
    p = logits.softmax(dim=0)
    stays = p >= min_p * p.max()
    return (logits / temperature).masked_fill(~stays, -math.inf).softmax(dim=0)


@cut_then_warm.also_right
def _with_the_library(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return torch.softmax(keep_min_p(logits[None], min_p)[0] / temperature, dim=-1)


@cut_then_warm.also_right
def _logits_against_a_border(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    # a ratio of probabilities is a difference of logits
    border = logits.max() + (math.log(min_p) if min_p else -math.inf)
    powers = ((logits - logits.max()) / temperature).exp() * (logits >= border)
    return powers / powers.sum()


@cut_then_warm.also_right
def _one_token_after_the_other(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    values = logits.tolist()
    best = max(values)
    powers = [
        math.exp((value - best) / temperature) if math.exp(value - best) >= min_p else 0.0
        for value in values
    ]
    return torch.tensor([power / math.fsum(powers) for power in powers], dtype=torch.float64)


@cut_then_warm.also_right
def _those_that_stay_by_themselves(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    z = logits.numpy().astype(np.float64)
    ids = np.flatnonzero(np.exp(z - z.max()) >= min_p)
    powers = np.exp((z[ids] - z.max()) / temperature)
    result = np.zeros(len(z))
    result[ids] = powers / powers.sum()
    return torch.from_numpy(result)


def _stays(logits: Tensor, min_p: float) -> Tensor:
    """Which tokens stay, (vocab,)."""
    p = logits.softmax(dim=0)
    return p >= min_p * p.max()


def _shared(logits: Tensor, stays: Tensor, temperature: float) -> Tensor:
    """The probability, warmed, shared among those that stay, (vocab,)."""
    return (logits / temperature).masked_fill(~stays, -math.inf).softmax(dim=0)


@cut_then_warm.wrong(
    "Which comes first, the cut or the temperature? The cut. Here the logits are warmed before it, "
    "as Hugging Face's library does, and another number of tokens stays."
)
def _warmed_first(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits, _stays(logits / temperature, min_p), temperature)


@cut_then_warm.wrong(
    "How often is it cut? Once, before the temperature. Here it is cut a second time after it."
)
def _cut_twice(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    stays = _stays(logits, min_p) & _stays(logits / temperature, min_p)
    return _shared(logits, stays, temperature)


@cut_then_warm.wrong(
    "With what is a token's probability compared? With min_p times that of the likeliest one. Here "
    "it is min_p itself, and where the model is unsure, nobody reaches that."
)
def _compared_with_min_p_itself(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits, logits.softmax(dim=0) >= min_p, temperature)


@cut_then_warm.wrong(
    "What is compared: probabilities or logits? A token with a tenth of the probability does not "
    "have a tenth of the logit. Take the softmax first."
)
def _logits_compared(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits, logits >= min_p * logits.max(), temperature)


@cut_then_warm.wrong(
    "A fraction of the likeliest, or a distance from it? min_p is a factor. Here it is subtracted."
)
def _min_p_below_the_likeliest(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    p = logits.softmax(dim=0)
    return _shared(logits, p >= p.max() - min_p, temperature)


@cut_then_warm.wrong(
    "Which border is asked for? min_p times the likeliest. Here it is 1 - min_p times: with a small "
    "min_p most should stay, and hardly any does."
)
def _the_other_end(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    p = logits.softmax(dim=0)
    return _shared(logits, p >= (1 - min_p) * p.max(), temperature)


@cut_then_warm.wrong(
    "Are probabilities added up here? That is top-p. Min-p compares each token with the likeliest."
)
def _nucleus_instead(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    ids = logits.argsort(descending=True, stable=True)
    p = logits.softmax(dim=0)[ids]
    inside = p.cumsum(dim=0) - p < min_p
    inside[0] = True
    return _shared(logits, torch.zeros_like(inside).scatter(0, ids, inside), temperature)


@cut_then_warm.wrong(
    "At least, or more than? At least. Here the likeliest token itself goes if min_p is 1, and "
    "nothing is left: look at your > and >=."
)
def _more_than(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    p = logits.softmax(dim=0)
    return _shared(logits, p > min_p * p.max(), temperature)


@cut_then_warm.wrong(
    "Which side of the border stays? The likely tokens. These are the ones that min-p throws away."
)
def _what_is_thrown_away(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits, ~_stays(logits, min_p), temperature)


@cut_then_warm.wrong(
    "What do the probabilities add up to? To less than 1 where something was cut off: what the "
    "others had must be shared among those that stay. Cut before the last softmax."
)
def _not_shared_again(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return (logits / temperature).softmax(dim=0) * _stays(logits, min_p)


@cut_then_warm.wrong(
    "What is e to the power of 0? 1, and not 0: a logit of 0 leaves a token in. Minus infinity "
    "takes it out."
)
def _logit_of_zero(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return (logits / temperature).masked_fill(~_stays(logits, min_p), 0.0).softmax(dim=0)


@cut_then_warm.wrong(
    "Where is the temperature? Those that stay share the probability here as at temperature 1. (A "
    "factor on probabilities that are then made to add up to 1 has no effect: divide the logits.)"
)
def _not_warmed(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits, _stays(logits, min_p), 1)


@cut_then_warm.wrong(
    "Does a high temperature make the draw wilder or tamer? Wilder: it flattens. Multiplying does "
    "the opposite: divide."
)
def _multiplied(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits, _stays(logits, min_p), 1 / temperature)


@cut_then_warm.wrong(
    "How often does the temperature divide? Once. Here it does twice, by its square."
)
def _divided_twice(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits, _stays(logits, min_p), temperature**2)


@cut_then_warm.wrong("Where is the cut? Every token still has a chance: min_p is not used.")
def _not_cut(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return (logits / temperature).softmax(dim=0)


@cut_then_warm.wrong(
    "Is min_p a temperature? Here the logits are divided by it. It says which tokens stay, and the "
    "temperature comes after that."
)
def _min_p_for_the_temperature(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return (logits / (min_p or 1)).softmax(dim=0)


@cut_then_warm.wrong(
    "What goes into the softmax? Logits. Here probabilities do, which have been through one: they "
    "are all between 0 and 1, and come out nearly flat."
)
def _softmax_twice(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _shared(logits.softmax(dim=0), _stays(logits, min_p), temperature)


@cut_then_warm.wrong(
    "What is left of a probability that the softmax has rounded to 0? No temperature brings it "
    "back. Divide the logits, and take the softmax of those."
)
def _powers_of_probabilities(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    powers = logits.softmax(dim=0) ** (1 / temperature) * _stays(logits, min_p)
    return powers / powers.sum()


@cut_then_warm.wrong(
    "What is exp of a number in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "largest first, or use softmax."
)
def _powers_too_large(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    powers = (logits / temperature).exp() * _stays(logits, min_p)
    return powers / powers.sum()


@cut_then_warm.wrong(
    "Can a probability be negative? These are logits still: the softmax is missing."
)
def _logits_left(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return (logits / temperature).masked_fill(~_stays(logits, min_p), -math.inf)


@cut_then_warm.wrong(
    "Which tokens stay, or how likely they are? The probabilities of all tokens are asked for, 0 "
    "for those that are cut off. This only says who stays."
)
def _who_stays(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return _stays(logits, min_p)


@cut_then_warm.wrong(
    "Whose probability is the first number? That of token 0. Here only those that stay are given "
    "back, and nobody knows which is which."
)
def _only_those_that_stay(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return (logits[_stays(logits, min_p)] / temperature).softmax(dim=0)


@cut_then_warm.wrong(
    "Whose probability is the first number? That of token 0. Here they are sorted: leave the order."
)
def _sorted_probabilities(logits: Tensor, min_p: float, temperature: float) -> Tensor:
    return cut_then_warm.reference(logits, min_p, temperature).sort(descending=True).values


def _clear_of(min_p: float, temperature: float, vocab: int, rng: torch.Generator) -> Tensor:
    """Logits whose tokens are clearly on one side of the border, warmed or not, so that no rounding
    decides.
    """
    while True:
        logits = torch.randn(vocab, generator=rng) * 2
        below = (logits - logits.max()).double()
        ratios = torch.stack([below.exp(), (below / temperature).exp()])
        if (ratios - min_p).abs().min() > 1e-3:
            return logits


@cut_then_warm.inputs
def _logits_and_settings(rng: torch.Generator) -> Iterator[tuple[Tensor, float, float]]:
    yield torch.tensor([2.0, 1.0, -1.0]), 0.2, 2.0
    yield torch.tensor([-1.0, -2.0, -1.5, -6.0]), 0.5, 0.5
    yield torch.tensor([1.0, 3.0, 3.0, 0.0]), 1.0, 1.5  # equal ones stay together
    for vocab in (3, 5, 9, 30):
        for min_p, temperature in ((0.05, 1.5), (0.1, 3.0), (0.3, 0.7), (0.02, 0.4), (0.6, 1.2)):
            yield _clear_of(min_p, temperature, vocab, rng), min_p, temperature
    for vocab, temperature in itertools.product((4, 12), (0.25, 2.5, 200.0)):
        # all stay, however unlikely
        yield torch.randint(-1000, 1001, (vocab,), generator=rng).float(), 0.0, temperature
    for vocab, offset in ((6, 900.0), (8, -900.0)):
        yield _clear_of(0.15, 1.8, vocab, rng) + offset, 0.15, 1.8
    yield torch.randint(-3, 4, (11,), generator=rng).float(), 1.0, 0.6
