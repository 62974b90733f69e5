"""Exercises of chapter 22: temperature and the nucleus, what a cache holds, one step
with it, and what it saves.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

# 22.1


@exercise(
    "22.1",
    minutes=8,
    hints=(
        "The temperature acts on the logits, before the softmax: a low one makes their "
        "differences larger. Which "
        "operation does that? And what becomes of it at 0?",
        "Divide: (logits / temperature).softmax(dim=0). At 0 this is not defined, so that case "
        "needs a line of its "
        "own: zeros everywhere, and a 1 at the largest logit.",
        "If temperature == 0: make torch.zeros_like(logits), and put 1 at logits.argmax(). argmax "
        "gives the first of "
        "several equal ones, which is what is asked for. torch's softmax copes with large numbers "
        "by itself.",
    ),
)
def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Turn logits into probabilities at a temperature.

    The logits are divided by the temperature before the softmax. Temperature 0 is the
    limit: the largest logit has all the probability. If several are the largest, the
    lowest id among them has it.

    logits: shape (vocab,), anything from -1000 to 1000.
    temperature: 0 or more. It may be tiny without being 0; equal logits then still
    share alike. Returns the probabilities, shape (vocab,).
    """
    if temperature == 0:
        probabilities = torch.zeros_like(logits)
        probabilities[logits.argmax()] = 1  # the first one, if several are the largest
        return probabilities
    return (logits / temperature).softmax(dim=0)


@with_temperature.also_right
def _shifted_before_it_is_divided(logits: Tensor, temperature: float) -> Tensor:
    if temperature > 0:
        return F.softmax((logits - logits.amax()) / temperature, dim=-1)
    return F.one_hot(logits.argmax(), len(logits)).float()


@with_temperature.also_right
def _powers_in_float64(logits: Tensor, temperature: float) -> Tensor:
    values = logits.tolist()
    if not temperature:
        best = values.index(max(values))
        return torch.tensor([float(id == best) for id in range(len(values))])
    powers = [math.exp((value - max(values)) / temperature) for value in values]
    return torch.tensor([power / math.fsum(powers) for power in powers], dtype=torch.float64)


@with_temperature.also_right
def _logs_in_numpy(logits: Tensor, temperature: float) -> Tensor:
    z = logits.numpy().astype(np.float64)
    if temperature == 0:
        z, temperature = np.where(np.arange(len(z)) == np.argmax(z), 0.0, -np.inf), 1.0
    z = z / temperature
    return torch.from_numpy(np.exp(z - np.logaddexp.reduce(z)))


@with_temperature.also_right
def _minus_infinity_for_the_others(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        others = torch.arange(len(logits)) != logits.argmax()
        return logits.masked_fill(others, -math.inf).softmax(dim=0)
    return torch.log_softmax(logits.double() / temperature, dim=0).exp()


def _greedy(logits: Tensor) -> Tensor:
    """All the weight on the largest logit, (vocab,)."""
    return F.one_hot(logits.argmax(), len(logits)).float()


@with_temperature.wrong(
    "Does a high temperature make the draw wilder or tamer? Wilder: it flattens. Multiplying does "
    "the opposite: divide."
)
def _multiplied(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature == 0 else (logits * temperature).softmax(dim=0)


@with_temperature.wrong(
    "What is left of the logits if you multiply by 0? All are alike, and every token has the same "
    "chance, just where "
    "it should be sure. Divide, and treat 0 by itself."
)
def _multiplied_at_zero_too(logits: Tensor, temperature: float) -> Tensor:
    return (logits * temperature).softmax(dim=0)


@with_temperature.wrong(
    "Do the probabilities still add up to 1? Dividing them by the temperature spoils that: divide "
    "the logits."
)
def _probabilities_divided(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature == 0 else logits.softmax(dim=0) / temperature


@with_temperature.wrong(
    "What does the temperature change here? Nothing above 0. The same number added to all logits, "
    "or the same factor "
    "on all probabilities before they are made to add up to 1, has no effect. Divide the logits."
)
def _temperature_added(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature == 0 else (logits + temperature).softmax(dim=0)


@with_temperature.wrong(
    "What is a number divided by 0? Infinite or NaN, and the softmax makes NaN of all of it. "
    "Temperature 0 needs a "
    "line of its own: greedy decoding."
)
def _nan_at_zero(logits: Tensor, temperature: float) -> Tensor:
    return (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "Where did the NaN come from? From dividing by 0. Replacing it by 0 leaves no token any "
    "chance; the largest logit "
    "should have all of it."
)
def _nan_replaced_at_zero(logits: Tensor, temperature: float) -> Tensor:
    return (logits / temperature).softmax(dim=0).nan_to_num(nan=0.0)


@with_temperature.wrong(
    "Who gets it at temperature 0 if two logits are the largest? The lowest id alone. Here they "
    "share, as they do if "
    "you divide by a tiny number instead of 0."
)
def _shared_at_zero(logits: Tensor, temperature: float) -> Tensor:
    largest = (logits == logits.max()).float()
    return largest / largest.sum() if temperature == 0 else (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "What do the probabilities add up to if two logits are the largest at temperature 0? To more "
    "than 1 here: only the "
    "lowest id among them gets the 1."
)
def _one_for_each_largest(logits: Tensor, temperature: float) -> Tensor:
    return (
        (logits == logits.max()).float()
        if temperature == 0
        else (logits / temperature).softmax(dim=0)
    )


@with_temperature.wrong(
    "Which of several equal logits wins at temperature 0? The lowest id. This takes the last one: "
    "sorting may turn "
    "equal ones round, and argmax does not."
)
def _last_of_equal_ones(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        return _greedy(logits.flip(0)).flip(0)
    return (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "What does temperature 0 mean? Always the likeliest token. Here it leaves the distribution as "
    "it was, as "
    "temperature 1 does."
)
def _one_for_zero(logits: Tensor, temperature: float) -> Tensor:
    return (logits / (temperature or 1)).softmax(dim=0)


@with_temperature.wrong(
    "What do the probabilities add up to at temperature 0? The others have none, so the largest "
    "has to have all: put a "
    "1 there, not what it had before."
)
def _largest_keeps_its_share(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        return _greedy(logits) * logits.softmax(dim=0)
    return (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "One token, or the chances of all? At temperature 0, too, probabilities of the shape (vocab,) "
    "are asked for. This "
    "gives the id of the winner."
)
def _id_at_zero(logits: Tensor, temperature: float) -> Tensor:
    return logits.argmax() if temperature == 0 else (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "Is a small temperature the same as 0? Logits that differ by as little share nearly alike. "
    "Only 0 itself is greedy."
)
def _greedy_when_low(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature < 0.01 else (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "What does the small number do that you add to the temperature? It keeps you from dividing by "
    "0, but a tiny "
    "temperature becomes another one. Treat 0 by itself."
)
def _small_number_added(logits: Tensor, temperature: float) -> Tensor:
    return (logits / (temperature + 1e-6)).softmax(dim=0)


@with_temperature.wrong(
    "Who gets it at temperature 0 if two logits are the largest? The lowest id alone. Here they "
    "share, because 0 is "
    "raised to a tiny number and the logits are divided by that. Treat 0 by itself."
)
def _never_below_a_millionth(logits: Tensor, temperature: float) -> Tensor:
    return (logits / max(temperature, 1e-6)).softmax(dim=0)


@with_temperature.wrong(
    "May a temperature be lower than a hundredth? It may, and here it is raised to that. Treat 0 "
    "by itself, and leave "
    "the others as they are."
)
def _never_below_a_hundredth(logits: Tensor, temperature: float) -> Tensor:
    return (logits / max(temperature, 0.01)).softmax(dim=0)


@with_temperature.wrong(
    "What is exp of a number in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "largest first, or use "
    "softmax."
)
def _powers_too_large(logits: Tensor, temperature: float) -> Tensor:
    powers = (logits / (temperature or 1)).exp()
    return _greedy(logits) if temperature == 0 else powers / powers.sum()


@with_temperature.wrong(
    "Which largest number has to be subtracted before exp? The one after dividing. A low "
    "temperature makes the logits "
    "larger than it is before."
)
def _largest_taken_before_dividing(logits: Tensor, temperature: float) -> Tensor:
    powers = (logits / (temperature or 1) - logits.max()).exp()
    return _greedy(logits) if temperature == 0 else powers / powers.sum()


@with_temperature.wrong(
    "Do the powers of probabilities add up to 1? Only after you divide by their sum. Dividing the "
    "logits is simpler."
)
def _powers_of_probabilities(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature == 0 else logits.softmax(dim=0) ** (1 / temperature)


@with_temperature.wrong(
    "What is left of a probability that the softmax has rounded to 0? No temperature brings it "
    "back. Divide the "
    "logits, before the softmax."
)
def _powers_made_to_add_up(logits: Tensor, temperature: float) -> Tensor:
    powers = logits.softmax(dim=0) ** (1 / (temperature or 1))
    return _greedy(logits) if temperature == 0 else powers / powers.sum()


@with_temperature.wrong(
    "What goes into the softmax? Logits. Here probabilities do, which have been through one: they "
    "are all between 0 "
    "and 1, and come out nearly flat."
)
def _softmax_twice(logits: Tensor, temperature: float) -> Tensor:
    return (
        _greedy(logits)
        if temperature == 0
        else (logits.softmax(dim=0) / temperature).softmax(dim=0)
    )


@with_temperature.wrong(
    "Can a probability be negative? These are logits still: the softmax is missing."
)
def _logits_left(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature == 0 else logits / temperature


@with_temperature.wrong(
    "Can a probability be negative? Its logarithm is: this is log_softmax. The exp that undoes "
    "the log is missing."
)
def _logarithms_left(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature == 0 else (logits / temperature).log_softmax(dim=0)


@with_temperature.wrong(
    "Whose probability is the first number? That of token 0. Here they are sorted: leave the order."
)
def _sorted_probabilities(logits: Tensor, temperature: float) -> Tensor:
    return with_temperature.reference(logits, temperature).sort(descending=True).values


@with_temperature.wrong(
    "How often does the temperature divide? Once. Here it does twice, by its square."
)
def _divided_twice(logits: Tensor, temperature: float) -> Tensor:
    return (
        _greedy(logits) if temperature == 0 else (logits / temperature / temperature).softmax(dim=0)
    )


@with_temperature.inputs
def _logits_and_temperatures(rng: torch.Generator) -> Iterator[tuple[Tensor, float]]:
    yield torch.tensor([2.0, 0.0]), 2.0
    yield torch.tensor([2.0, 0.0]), 0.0
    yield torch.tensor([1.0, 3.0, 3.0, 0.0]), 0.0
    yield torch.tensor([-2.0, -5.0, -2.0, -2.0]), 0
    yield torch.tensor([1.0, 3.0, 3.0, 0.0]), 1e-5
    for vocab in (2, 5, 9, 40):
        for temperature in (1.0, 0.5, 0.1, 0.0, 1.7, 10.0):
            yield torch.randn(vocab, generator=rng) * 3, temperature
    # logits that differ as little as the temperature
    for temperature in (1e-5, 1e-4, 0.0):
        yield torch.randn(6, generator=rng) * (temperature or 1e-6) * 2, temperature
    for vocab, temperature in itertools.product((4, 30), (1.0, 0.5, 1e-5, 0.0, 128.0, 500.0)):
        yield torch.randint(-1000, 1001, (vocab,), generator=rng).float(), temperature
    yield torch.randint(-1000, -900, (7,), generator=rng).float(), 8


# 22.2


@exercise(
    "22.2",
    minutes=10,
    hints=(
        "Who enters first? The likeliest token, then the next one. Sort first: argsort with "
        "descending=True gives the "
        "ids, and with stable=True equal ones keep their order.",
        "Add up in that order: probabilities[ids].cumsum(dim=0). Where is the sum still below p? "
        "After each of these "
        "tokens at least one more has to come.",
        "Count them: (sums < p).sum() tokens do not suffice, and the one after them crosses p and "
        "belongs to the set. "
        "So take ids[: count + 1], and make a list of it with .tolist().",
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
    values, chosen, mass = probabilities.tolist(), [], 0.0
    for id in sorted(range(len(values)), key=lambda id: (-values[id], id)):
        chosen.append(id)
        mass += values[id]
        if mass >= p:
            break
    return chosen


@nucleus.also_right
def _largest_taken_away(probabilities: Tensor, p: float) -> list[int]:
    left, chosen = probabilities.double(), []  # double makes a copy
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
    "even a token that "
    "reaches p exactly is in it."
)
def _only_what_is_below(probabilities: Tensor, p: float) -> list[int]:
    ids, sums = _ranked(probabilities)
    return ids[sums < p].tolist()


@nucleus.wrong(
    "Is one token kept only so that the set is not empty? The one that crosses p always belongs "
    "to it, whether it is "
    "the first or a later one."
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
    "Is a sum of exactly p enough? Yes: p or more. Here another token enters in that case; look "
    "at your < and <=."
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
    "Which of two equal tokens enters first? The one with the lower id. Turning an ascending "
    "order round puts it last: "
    "descending=True and stable=True keep it in front."
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
    "from 0. Use the ids "
    "that argsort or sort gives."
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
    "them nearly flat, and "
    "the set too large."
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


# 22.3


@exercise(
    "22.3",
    minutes=8,
    hints=(
        "Follow a prompt of two tokens, and generate three more. What goes through the network to "
        "get the first one? "
        "And the second one, with the cache and without it?",
        "Without a cache each step runs over the whole text so far: the prompt first, then the "
        "prompt and one token, "
        "and so on, until the last token is chosen. With a cache each position runs once, ever.",
        "Without: sum(prompt + i for i in range(new)). With: the prompt, and then one position "
        "for each generated "
        "token but the last, which is chosen and never read.",
    ),
)
def positions_processed(prompt: int, new: int) -> list[int]:
    """How many token positions go through the network, without a KV cache and with one.

    A text is generated token by token. Without a cache, each step runs over the whole
    text so far. With a cache, each position runs once. The last generated token is
    chosen and not fed back: no further token is wanted.

    prompt: the number of tokens in the prompt, 1 or more.
    new: the number of tokens that are generated after it, 1 or more.
    Returns a list of two whole numbers: the positions without a cache, and with one.
    """
    without = sum(prompt + generated for generated in range(new))
    with_cache = prompt + new - 1
    return [without, with_cache]


@positions_processed.also_right
def _closed_form(prompt: int, new: int) -> tuple[int, int]:
    return new * prompt + new * (new - 1) // 2, prompt + (new - 1)


@positions_processed.also_right
def _simulated(prompt: int, new: int) -> list[int]:
    length, cached, without, with_cache = prompt, 0, 0, 0
    for _ in range(new):
        without += length
        with_cache += length - cached
        length, cached = length + 1, length
    return [without, with_cache]


@positions_processed.also_right
def _lengths_in_a_tensor(prompt: int, new: int) -> list[int]:
    lengths = torch.arange(prompt, prompt + new)  # of the text, when a token is chosen
    return [int(lengths.sum()), int(lengths[-1])]


@positions_processed.also_right
def _difference_of_two_triangles(prompt: int, new: int) -> list[int]:
    last = prompt + new - 1
    return [math.comb(last + 1, 2) - math.comb(prompt, 2), last]


def _without_cache(prompt: int, new: int) -> int:
    return sum(range(prompt, prompt + new))


@positions_processed.wrong(
    "Which number comes first? The one without a cache; here the two have changed places."
)
def _two_numbers_turned_round(prompt: int, new: int) -> list[int]:
    return [prompt + new - 1, _without_cache(prompt, new)]


@positions_processed.wrong(
    "Is the last generated token read by the network? Nobody asks what comes after it. Here it is "
    "fed, in both counts."
)
def _last_one_fed_in_both(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new + 1), prompt + new]


@positions_processed.wrong(
    "With the cache, does the last generated token go through the network? It is chosen, and then "
    "we stop: one less."
)
def _last_one_fed_with_the_cache(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new), prompt + new]


@positions_processed.wrong(
    "How many steps are there without a cache? As many as new tokens. Here is one more, which "
    "nobody needs."
)
def _one_step_too_many(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new + 1), prompt + new - 1]


@positions_processed.wrong(
    "How long is the text when the first token is chosen, without a cache? Only the prompt is "
    "there. Here each step "
    "counts the token that it is about to choose."
)
def _token_counted_before_it_is_chosen(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt + 1, new), prompt + new - 1]


@positions_processed.wrong(
    "How long is the text when a token is chosen? Here each token counts before it is there, in "
    "both numbers: the "
    "first step has the prompt alone."
)
def _tokens_counted_too_early(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt + 1, new), prompt + new]


@positions_processed.wrong(
    "Does the text stay as long as the prompt? Without a cache each step reads the generated "
    "tokens as well."
)
def _prompt_over_and_over(prompt: int, new: int) -> list[int]:
    return [prompt * new, prompt + new - 1]


@positions_processed.wrong(
    "Is the text at its full length from the start? It grows: without a cache, an early step "
    "reads fewer tokens."
)
def _full_length_each_time(prompt: int, new: int) -> list[int]:
    return [(prompt + new) * new, prompt + new - 1]


@positions_processed.wrong(
    "Is the text in the last step as long as in the first? Without a cache, this counts the "
    "longest text in every "
    "step; earlier ones are shorter."
)
def _longest_text_each_time(prompt: int, new: int) -> list[int]:
    return [(prompt + new - 1) * new, prompt + new - 1]


@positions_processed.wrong(
    "Which positions does a cache save? Those that ran before. The generated ones still have to "
    "run, but for the last."
)
def _prompt_alone_with_the_cache(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new), prompt]


@positions_processed.wrong(
    "Does the prompt go through the network? It does, even with a cache: somebody has to fill it. "
    "Here it counts as "
    "one position at most."
)
def _prompt_for_free(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new), new]


@positions_processed.wrong(
    "With the cache, who fills it? The prompt runs, too. This counts only what comes after it."
)
def _only_the_generated_ones(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new), new - 1]


@positions_processed.wrong(
    "Where is the prompt? Without a cache, every step reads it again, in front of what was "
    "generated."
)
def _prompt_forgotten_without_a_cache(prompt: int, new: int) -> list[int]:
    return [_without_cache(0, new), prompt + new - 1]


@positions_processed.wrong(
    "Where is the prompt? It is missing in both counts: it is text that the network reads."
)
def _prompt_forgotten(prompt: int, new: int) -> list[int]:
    return [_without_cache(1, new), new]


@positions_processed.wrong(
    "How often is the prompt read without a cache? In each step, because nothing is kept. Here it "
    "is counted once."
)
def _prompt_counted_once(prompt: int, new: int) -> list[int]:
    return [prompt + _without_cache(0, new), prompt + new - 1]


@positions_processed.wrong(
    "What does the cache save? The old positions do not run again. The new token does look at "
    "them, but that is not "
    "asked for: with the cache, count what goes through the network."
)
def _cache_saves_nothing(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new)] * 2


@positions_processed.wrong(
    "What happens without a cache? Nothing is kept, so the old positions run again in each step. "
    "Both counts are those "
    "with a cache."
)
def _cache_in_both(prompt: int, new: int) -> list[int]:
    return [prompt + new - 1] * 2


@positions_processed.wrong(
    "Do positions multiply? Each step adds as many as the text is long; this is a square."
)
def _square_of_the_text(prompt: int, new: int) -> list[int]:
    return [(prompt + new) ** 2, prompt + new - 1]


@positions_processed.wrong(
    "Do positions multiply? This is the square of the new tokens, and the prompt is not in it."
)
def _square_of_the_new_ones(prompt: int, new: int) -> list[int]:
    return [new**2, prompt + new - 1]


@positions_processed.wrong(
    "One number, or two? This is the total of both. Give back a list: without, and with."
)
def _both_added_up(prompt: int, new: int) -> int:
    return _without_cache(prompt, new) + prompt + new - 1


@positions_processed.wrong(
    "Can half a position run? A single / makes a float of a whole number: use // instead."
)
def _halved_to_a_float(prompt: int, new: int) -> list[float]:
    return [new * (2 * prompt + new - 1) / 2, prompt + new - 1]


@positions_processed.inputs
def _lengths(rng: torch.Generator) -> Iterator[tuple[int, int]]:
    yield 2, 3
    yield 1, 1
    yield 5, 1
    yield 1, 4
    yield 1, 1000
    yield 1000, 24
    for most in (6, 12, 60, 300, 2000):
        for _ in range(3):
            prompt, new = torch.randint(1, most, (2,), generator=rng).tolist()
            yield prompt, new


# 22.4


@exercise(
    "22.4",
    minutes=15,
    atol=1e-5,
    hints=(
        "First append, then attend: the new token looks at itself, too. The new key has the shape "
        "(head, d_head); "
        "k[:, None] gives it an axis for its position, (head, 1, d_head).",
        "keys = torch.cat([past_keys, k[:, None]], dim=1), and the values likewise. Then one "
        "query meets all keys: "
        "q[:, None] @ keys.transpose(-2, -1) has the shape (head, 1, past + 1). Nothing is "
        "masked: there is no future.",
        "Divide the scores by the square root of d_head, take the softmax along the last axis, "
        "and multiply with the "
        "values. The result has an axis of length 1 in the middle: [:, 0] takes it away.",
    ),
)
def decode_step(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    past_keys: torch.Tensor,
    past_values: torch.Tensor,
) -> list[torch.Tensor]:
    """Attention for one new token, with a KV cache.

    The new token's key and value are appended to the cache. Then its query attends to
    everything in the cache, itself included, with the scores divided by the square root
    of d_head.

    q, k, v: query, key and value of the new token, each of shape (head, d_head).
    past_keys, past_values: the cache so far, each of shape (head, past, d_head), oldest
        first. At the start of a text, past is 0. Leave both as they are, and make new
        tensors.
    Returns a list of three: the output, shape (head, d_head), the keys and the values
    of the cache after this step, each of shape (head, past + 1, d_head). Scores may be
    in the thousands.
    """
    keys = torch.cat([past_keys, k[:, None]], dim=1)
    values = torch.cat([past_values, v[:, None]], dim=1)
    # (head, 1, past + 1)
    scores = q[:, None] @ keys.transpose(-2, -1) / q.shape[-1] ** 0.5
    output = scores.softmax(dim=-1) @ values
    return [output[:, 0], keys, values]


@decode_step.also_right
def _library_step(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = (
        torch.cat((past_keys, k.unsqueeze(1)), 1),
        torch.cat((past_values, v.unsqueeze(1)), 1),
    )
    return [F.scaled_dot_product_attention(q[:, None], keys, values).squeeze(1), keys, values]


@decode_step.also_right
def _head_by_head(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    outputs, keys, values = [], [], []
    for head in range(len(q)):
        keys.append(torch.vstack([past_keys[head], k[head]]).double())
        values.append(torch.vstack([past_values[head], v[head]]).double())
        scores = keys[-1] @ q[head].double() / math.sqrt(q.shape[1])
        outputs.append(scores.softmax(dim=0) @ values[-1])
    return [torch.stack(outputs), torch.stack(keys), torch.stack(values)]


@decode_step.also_right
def _new_memory_and_einsum(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    head, past, d_head = past_keys.shape
    keys, values = torch.empty(2, head, past + 1, d_head)
    keys[:, :past], keys[:, past] = past_keys, k
    values[:, :past], values[:, past] = past_values, v
    pattern = torch.einsum("hd,hpd->hp", q * d_head**-0.5, keys).softmax(dim=1)
    return torch.einsum("hp,hpd->hd", pattern, values), keys, values


@decode_step.also_right
def _numpy_step(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys = np.concatenate([past_keys.numpy(), k.numpy()[:, None]], axis=1)
    values = np.concatenate([past_values.numpy(), v.numpy()[:, None]], axis=1)
    scores = (keys * q.numpy()[:, None]).sum(axis=2, dtype=np.float64) / np.sqrt(q.shape[1])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    output = (powers[..., None] * values).sum(axis=1) / powers.sum(axis=1, keepdims=True)
    return [torch.from_numpy(one) for one in (output, keys, values)]


def _appended(past: Tensor, new: Tensor) -> Tensor:
    """The cache with one more entry, (head, past + 1, d_head)."""
    return torch.cat([past, new[:, None]], dim=1)


def _step_scores(q: Tensor, keys: Tensor) -> Tensor:
    """The right scores of one query for each head, (head, pos)."""
    return torch.einsum("hd,hpd->hp", q, keys) / q.shape[-1] ** 0.5


def _mixed(pattern: Tensor, values: Tensor) -> Tensor:
    """The values, weighted with the pattern, (head, d_head)."""
    return torch.einsum("hp,hpd->hd", pattern, values)


def _output(q: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """The right output, (head, d_head)."""
    return _mixed(_step_scores(q, keys).softmax(dim=-1), values)


@decode_step.wrong(
    "Does the new token look at itself? It does: append first, and then attend to the whole cache."
)
def _attends_before_it_appends(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [_output(q, past_keys, past_values), _appended(past_keys, k), _appended(past_values, v)]


@decode_step.wrong(
    "Where does the new entry belong? At the end: the cache is in the order of the text. The "
    "output does not show it, "
    "but here it stands in front."
)
def _appended_in_front(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = (
        torch.cat([k[:, None], past_keys], dim=1),
        torch.cat([v[:, None], past_values], dim=1),
    )
    return [_output(q, keys, values), keys, values]


def _flat(past: Tensor, new: Tensor) -> Tensor:
    head, pos, d_head = past.shape
    return torch.cat([past.reshape(-1, d_head), new]).reshape(head, pos + 1, d_head)


@decode_step.wrong(
    "To which head does each new key belong? Each to its own. Here all new keys are put behind "
    "the last head, and "
    "reshape cuts the numbers anew: use cat along dim=1."
)
def _appended_along_the_heads(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _flat(past_keys, k), _flat(past_values, v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "Where is the scale? The scores are divided by the square root of d_head before the softmax."
)
def _step_without_scale(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q * q.shape[-1] ** 0.5, keys, values), keys, values]


@decode_step.wrong(
    "By what are the scores divided? By the square root of d_head; this divides by d_head itself."
)
def _step_divided_by_d_head(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q / q.shape[-1] ** 0.5, keys, values), keys, values]


@decode_step.wrong(
    "Which length is under the root? That of one key, d_head. This takes how many keys the cache "
    "has, so the scale "
    "would change with every token."
)
def _scaled_by_the_cache(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q * (q.shape[-1] / keys.shape[1]) ** 0.5, keys, values), keys, values]


@decode_step.wrong(
    "Is the key scaled before it is kept? The cache holds keys as they are; only the scores are "
    "divided, each time."
)
def _scaled_key_kept(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k / k.shape[-1] ** 0.5), _appended(past_values, v)
    return [_output(q, _appended(past_keys, k), values), keys, values]


@decode_step.wrong(
    "What is appended to the values? The new value v. Here the key goes into both halves of the "
    "cache."
)
def _key_in_both(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, k)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "What will later tokens compare with? The new key. Here the query is kept in its place."
)
def _query_kept(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, q), _appended(past_values, v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "What will the next step need? The new value, too. The keys that you give back have grown, "
    "and the values have not."
)
def _values_do_not_grow(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q, keys, values), keys, past_values]


@decode_step.wrong(
    "Which cache does the next step get? The one that has grown; this gives the old one back."
)
def _old_cache_given_back(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [_output(q, _appended(past_keys, k), _appended(past_values, v)), past_keys, past_values]


@decode_step.wrong(
    "What does the next step need? All keys and values. This gives back the new ones only."
)
def _new_entry_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [_output(q, _appended(past_keys, k), _appended(past_values, v)), k[:, None], v[:, None]]


@decode_step.wrong(
    "What happens to the entry of the token before? It is overwritten here, and your input with "
    "it. The cache has to "
    "grow by one: torch.cat makes a new tensor."
)
def _last_entry_overwritten_changed(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    past_keys[:, -1:], past_values[:, -1:] = k[:, None], v[:, None]
    return [_output(q, past_keys, past_values), past_keys, past_values]


@decode_step.wrong(
    "How long is the cache afterwards? One longer. Here the new entry replaces the one before it."
)
def _last_entry_replaced(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys[:, :-1], k), _appended(past_values[:, :-1], v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "May the first token be forgotten? Not here: the cache grows, and nothing falls out at the "
    "front."
)
def _oldest_dropped(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys[:, 1:], k), _appended(past_values[:, 1:], v)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "What stands in the new place of the cache? Zeros: it was made longer, but k and v were never "
    "written into it."
)
def _place_left_empty(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k * 0), _appended(past_values, v * 0)
    return [_output(q, keys, values), keys, values]


@decode_step.wrong(
    "Do all tokens count alike? The softmax of the scores weighs the values; this is their plain "
    "mean."
)
def _mean_of_the_values(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [values.mean(dim=1), keys, values]


@decode_step.wrong(
    "Do the weights of a head add up to 1? The softmax is missing between the scores and the "
    "values."
)
def _step_without_softmax(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_mixed(_step_scores(q, keys), values), keys, values]


@decode_step.wrong(
    "Along which axis do the weights add up to 1? Along the keys. Here the heads compete: not "
    "dim=0."
)
def _softmax_across_heads(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_mixed(_step_scores(q, keys).softmax(dim=0), values), keys, values]


@decode_step.wrong(
    "How many entries does each softmax run over? This one runs over one query alone, and the "
    "softmax of a single "
    "number is 1: all values are added up in full. Take the axis of the keys."
)
def _softmax_over_the_query(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [values.sum(dim=1), keys, values]


@decode_step.wrong(
    "Does only the best key count? All do, each with its weight: softmax, not argmax."
)
def _best_key_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [values[torch.arange(len(q)), _step_scores(q, keys).argmax(dim=-1)], keys, values]


@decode_step.wrong(
    "What comes out? A mean of all values in the cache, the past ones too. This is the new value "
    "alone."
)
def _new_value_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    return [v.clone(), _appended(past_keys, k), _appended(past_values, v)]


@decode_step.wrong(
    "What is mixed? The values. This mixes the keys; they only say how much each token counts."
)
def _keys_weighted(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(q, keys, keys), keys, values]


@decode_step.wrong("Who asks? The query q. Here the new token's key is compared with all keys.")
def _key_asks(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    return [_output(k, keys, values), keys, values]


@decode_step.wrong(
    "What is exp of a score in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "largest first, or use "
    "softmax."
)
def _step_with_large_powers(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    keys, values = _appended(past_keys, k), _appended(past_values, v)
    powers = _step_scores(q, keys).exp()
    return [_mixed(powers / powers.sum(dim=-1, keepdim=True), values), keys, values]


@decode_step.wrong(
    "In which order do the three come? Output, keys, values. Here the last two have changed places."
)
def _cache_turned_round(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    output, keys, values = decode_step.reference(q, k, v, past_keys, past_values)
    return [output, values, keys]


@decode_step.wrong(
    "In which order do the three come? The output is first, and then the keys and the values."
)
def _output_last(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    output, keys, values = decode_step.reference(q, k, v, past_keys, past_values)
    return [keys, values, output]


@decode_step.wrong(
    "Where is the cache? You give the output back, but the next step needs the keys and values, "
    "too."
)
def _output_alone(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> Tensor:
    return decode_step.reference(q, k, v, past_keys, past_values)[0]


@decode_step.wrong(
    "Which axis of the output has length 1? That of the single query: take it away with [:, 0]."
)
def _axis_of_the_query_left(
    q: Tensor, k: Tensor, v: Tensor, past_keys: Tensor, past_values: Tensor
) -> list[Tensor]:
    output, keys, values = decode_step.reference(q, k, v, past_keys, past_values)
    return [output[:, None], keys, values]


@decode_step.inputs
def _new_token_and_cache(
    rng: torch.Generator,
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, Tensor]]:
    q, k, v = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 1.0]]), torch.tensor([[4.0, 0.0]])
    yield q, k, v, torch.tensor([[[0.0, 3.0]]]), torch.tensor([[[0.0, 8.0]]])
    # the first token of a text
    yield q, k, v, torch.zeros(1, 0, 2), torch.zeros(1, 0, 2)
    for head, past, d_head in (
        (1, 3, 4), (2, 0, 3), (2, 1, 5), (3, 2, 4), (3, 4, 2), (4, 4, 4), (5, 3, 1), (2, 9, 6), (3, 0, 2), (6, 17, 8)
    ):  # fmt: skip
        for size, of_values in ((1.0, 1.0), (2.0, 50.0), (0.2, 0.01)):
            q, k, v = (torch.randn(head, d_head, generator=rng) for _ in range(3))
            past_keys, past_values = torch.randn(2, head, past, d_head, generator=rng)
            yield q * size, k * size, v * of_values, past_keys * size, past_values * of_values
    # scores in the thousands; whole numbers, so that they are exact
    for head, past, d_head in ((2, 5, 4), (3, 6, 16)):
        q, k = torch.randint(-60, 61, (2, head, d_head), generator=rng).float()
        past_keys = torch.randint(-60, 61, (head, past, d_head), generator=rng).float()
        v, past_values = (
            torch.randn(head, d_head, generator=rng),
            torch.randn(head, past, d_head, generator=rng),
        )
        yield q, k, v, past_keys, past_values


# 22.5


@exercise(
    "22.5",
    minutes=5,
    hints=(
        "What is kept for each token, in each layer? The key and the value of each head, so that "
        "they need not be "
        "computed again. How many numbers is one key?",
        "A key has d_head numbers, and a value has as many. Multiply by the number of heads that "
        "have keys and values, "
        "by the layers and by the tokens.",
        "Two (key and value) times layers times heads times d_head times tokens is how many "
        "numbers there are. Each "
        "takes bytes_per_number bytes.",
    ),
)
def cache_bytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    """How many bytes the KV cache of one text takes.

    Each layer keeps one key and one value for each token and each of its key-value
    heads.

    n_layer: the number of layers.
    n_kv_head: how many heads a layer has keys and values for. With grouped queries
        there are fewer of them than query heads.
    d_head: how many numbers one key has, and one value.
    n_tokens: the tokens that the cache holds.
    bytes_per_number: 2 for bfloat16, 4 for float32.
    Returns the number of bytes, a whole number.
    """
    numbers = 2 * n_layer * n_kv_head * d_head * n_tokens  # 2: keys and values
    return numbers * bytes_per_number


@cache_bytes.also_right
def _product_of_all(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return math.prod([n_layer, n_kv_head, d_head, n_tokens, bytes_per_number]) * 2


@cache_bytes.also_right
def _counted_from_empty_tensors(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    # a shape without memory behind it
    keys = torch.empty(n_layer, n_kv_head, n_tokens, d_head, device="meta")
    values = torch.empty_like(keys)
    return (keys.numel() + values.numel()) * bytes_per_number


@cache_bytes.also_right
def _layer_by_layer(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    total = 0
    for _ in range(n_layer):
        keys = n_kv_head * n_tokens * d_head * bytes_per_number
        total += keys + keys  # the values take as much
    return total


@cache_bytes.also_right
def _bytes_for_a_token_first(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    d_keys = n_kv_head * d_head
    return int(np.int64(d_keys + d_keys) * bytes_per_number * n_layer) * n_tokens


@cache_bytes.wrong("What is kept for each token? A key and a value. This counts one of the two.")
def _keys_alone(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return n_layer * n_kv_head * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "Does anybody ask for an old query again? A token's query is used once, when it comes. Only "
    "keys and values are "
    "kept; this counts three."
)
def _queries_kept_too(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 3 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "Bits or bytes? bytes_per_number is in bytes already, and so is the answer. This counts bits."
)
def _bits_for_bytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number * 8


@cache_bytes.wrong(
    "Is bytes_per_number in bits? It is not, as its name says: nothing has to be divided by eight."
)
def _divided_by_eight(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number // 8


@cache_bytes.wrong(
    "Does the cache grow with the square of the tokens? Each token adds the same: one key, one "
    "value."
)
def _square_of_the_tokens(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens**2 * bytes_per_number


@cache_bytes.wrong(
    "What is kept: the attention patterns? These have a number for each pair of tokens. The cache "
    "holds the keys and "
    "values that patterns are made from."
)
def _patterns_kept(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return n_layer * n_kv_head * n_tokens**2 * bytes_per_number


@cache_bytes.wrong("How many layers keep something? All of them. This is the cache of one layer.")
def _one_layer(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_kv_head * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "Do the heads share one key? Each key-value head has its own: n_kv_head is missing."
)
def _one_head(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong("Is a key a single number? It is a vector of d_head of them, and so is a value.")
def _keys_of_one_number(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "For how many tokens? This is what one token adds to the cache: n_tokens is missing."
)
def _one_token(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * bytes_per_number


@cache_bytes.wrong("Numbers or bytes? This counts numbers. Each takes bytes_per_number bytes.")
def _numbers_counted(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens


@cache_bytes.wrong(
    "Does every model keep float32? It is not always four bytes: read it from bytes_per_number."
)
def _always_float32(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * 4


@cache_bytes.wrong(
    "Does every model keep 16-bit numbers? It is not always two bytes: read it from "
    "bytes_per_number."
)
def _always_two_bytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * 2


@cache_bytes.wrong(
    "How long is a key? d_head numbers, and there are n_kv_head keys: multiply the two once. This "
    "squares their "
    "product, as if the matrices that make the keys were kept."
)
def _matrices_counted(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * (n_kv_head * d_head) ** 2 * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "How many tokens does the cache hold? n_tokens, the last one included: none has to be taken "
    "off."
)
def _last_token_left_out(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * (n_tokens - 1) * bytes_per_number


@cache_bytes.wrong(
    "Is d_head shared out among the heads? It is the length of one head's key already: do not "
    "divide by n_kv_head."
)
def _d_head_shared_out(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * d_head // n_kv_head * n_tokens * bytes_per_number


@cache_bytes.wrong("In which unit is the answer? In bytes. This is divided down to kilobytes.")
def _kilobytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number // 1024


@cache_bytes.wrong(
    "Do the layers add to the heads? Each layer has all of its heads: every factor multiplies, "
    "and none is added."
)
def _layers_and_heads_added(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * (n_layer + n_kv_head) * d_head * n_tokens * bytes_per_number


@cache_bytes.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[int, int, int, int, int]]:
    yield 1, 1, 3, 5, 4
    yield 3, 2, 4, 1, 2
    yield 30, 3, 64, 2048, 4  # SmolLM2-135M
    yield 12, 12, 64, 1024, 4  # GPT-2
    yield 32, 8, 128, 4096, 2  # an 8B model with grouped queries
    for bytes_per_number in (1, 2, 4, 8):
        for most in (9, 40, 90):
            n_layer, n_kv_head, d_head, n_tokens = torch.randint(
                2, most, (4,), generator=rng
            ).tolist()
            yield n_layer, n_kv_head, d_head, n_tokens * 3, bytes_per_number
