"""Exercise 22.1: turn logits into probabilities at a temperature."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "22.1",
    minutes=8,
    hints=(
        "The temperature acts on the logits, before the softmax: a low one makes their differences "
        "larger. Which operation does that? And what becomes of it at 0?",
        "Divide: (logits / temperature).softmax(dim=0). At 0 this is not defined, so that case "
        "needs a line of its own: zeros everywhere, and a 1 at the largest logit.",
        "If temperature == 0: make torch.zeros_like(logits), and put 1 at logits.argmax(). argmax "
        "gives the first of several equal ones, which is what is asked for. torch's softmax copes "
        "with large numbers by itself.",
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
    "chance, just where it should be sure. Divide, and treat 0 by itself."
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
    "or the same factor on all probabilities before they are made to add up to 1, has no effect. "
    "Divide the logits."
)
def _temperature_added(logits: Tensor, temperature: float) -> Tensor:
    return _greedy(logits) if temperature == 0 else (logits + temperature).softmax(dim=0)


@with_temperature.wrong(
    "What is a number divided by 0? Infinite or NaN, and the softmax makes NaN of all of it. "
    "Temperature 0 needs a line of its own: greedy decoding."
)
def _nan_at_zero(logits: Tensor, temperature: float) -> Tensor:
    return (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "Where did the NaN come from? From dividing by 0. Replacing it by 0 leaves no token any "
    "chance; the largest logit should have all of it."
)
def _nan_replaced_at_zero(logits: Tensor, temperature: float) -> Tensor:
    return (logits / temperature).softmax(dim=0).nan_to_num(nan=0.0)


@with_temperature.wrong(
    "Who gets it at temperature 0 if two logits are the largest? The lowest id alone. Here they "
    "share, as they do if you divide by a tiny number instead of 0."
)
def _shared_at_zero(logits: Tensor, temperature: float) -> Tensor:
    largest = (logits == logits.max()).float()
    return largest / largest.sum() if temperature == 0 else (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "What do the probabilities add up to if two logits are the largest at temperature 0? To more "
    "than 1 here: only the lowest id among them gets the 1."
)
def _one_for_each_largest(logits: Tensor, temperature: float) -> Tensor:
    return (
        (logits == logits.max()).float()
        if temperature == 0
        else (logits / temperature).softmax(dim=0)
    )


@with_temperature.wrong(
    "Which of several equal logits wins at temperature 0? The lowest id. This takes the last one: "
    "sorting may turn equal ones round, and argmax does not."
)
def _last_of_equal_ones(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        return _greedy(logits.flip(0)).flip(0)
    return (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "What does temperature 0 mean? Always the likeliest token. Here it leaves the distribution as "
    "it was, as temperature 1 does."
)
def _one_for_zero(logits: Tensor, temperature: float) -> Tensor:
    return (logits / (temperature or 1)).softmax(dim=0)


@with_temperature.wrong(
    "What do the probabilities add up to at temperature 0? The others have none, so the largest "
    "has to have all: put a 1 there, not what it had before."
)
def _largest_keeps_its_share(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        return _greedy(logits) * logits.softmax(dim=0)
    return (logits / temperature).softmax(dim=0)


@with_temperature.wrong(
    "One token, or the chances of all? At temperature 0, too, probabilities of the shape (vocab,) "
    "are asked for. This gives the id of the winner."
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
    "0, but a tiny temperature becomes another one. Treat 0 by itself."
)
def _small_number_added(logits: Tensor, temperature: float) -> Tensor:
    return (logits / (temperature + 1e-6)).softmax(dim=0)


@with_temperature.wrong(
    "Who gets it at temperature 0 if two logits are the largest? The lowest id alone. Here they "
    "share, because 0 is raised to a tiny number and the logits are divided by that. Treat 0 by "
    "itself."
)
def _never_below_a_millionth(logits: Tensor, temperature: float) -> Tensor:
    return (logits / max(temperature, 1e-6)).softmax(dim=0)


@with_temperature.wrong(
    "May a temperature be lower than a hundredth? It may, and here it is raised to that. Treat 0 "
    "by itself, and leave the others as they are."
)
def _never_below_a_hundredth(logits: Tensor, temperature: float) -> Tensor:
    return (logits / max(temperature, 0.01)).softmax(dim=0)


@with_temperature.wrong(
    "What is exp of a number in the hundreds? It is infinite, and inf / inf is NaN. Subtract the "
    "largest first, or use softmax."
)
def _powers_too_large(logits: Tensor, temperature: float) -> Tensor:
    powers = (logits / (temperature or 1)).exp()
    return _greedy(logits) if temperature == 0 else powers / powers.sum()


@with_temperature.wrong(
    "Which largest number has to be subtracted before exp? The one after dividing. A low "
    "temperature makes the logits larger than it is before."
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
    "back. Divide the logits, before the softmax."
)
def _powers_made_to_add_up(logits: Tensor, temperature: float) -> Tensor:
    powers = logits.softmax(dim=0) ** (1 / (temperature or 1))
    return _greedy(logits) if temperature == 0 else powers / powers.sum()


@with_temperature.wrong(
    "What goes into the softmax? Logits. Here probabilities do, which have been through one: they "
    "are all between 0 and 1, and come out nearly flat."
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
    "Can a probability be negative? Its logarithm is: this is log_softmax. The exp that undoes the "
    "log is missing."
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


@with_temperature.wrong(
    "What does a small number added to the temperature do? At 0 two equal logits share, and the "
    "lowest id should have it all. Treat 0 by itself, and leave the others as they are."
)
def _tiny_number_added(logits: Tensor, temperature: float) -> Tensor:
    return (logits / (temperature + 1e-8)).softmax(dim=0)


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
