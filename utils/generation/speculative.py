"""Several tokens from one pass: guess how the text goes on, and let the model check the guess.

One pass over k tokens reads the weights once, and gives the model's distribution after each of them.
So a guess of k tokens is checked in about the time of one token. Those that the model would have
drawn itself are kept; at the first that it would not have, it draws another, and what was guessed
after it is thrown away. The text has the very distribution that the model alone gives it: a wrong
guess costs time, never truth (Leviathan et al. 2023, arXiv:2211.17192; Chen et al. 2023,
arXiv:2302.01318).

The guess here costs nothing: the last tokens stood in the text before, so it may go on as it did
there (prompt lookup, Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding).
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from utils.generation.decoding import room
from utils.model.gpt import GPT

Draft = Callable[[Sequence[int]], Sequence[int]]


class Speculated(NamedTuple):
    """A continuation, and what it took."""

    ids: list[int]
    passes: int  # of the model, the one over the prompt included
    guessed: int  # tokens that were checked
    kept: int  # of these


def repeated_ngram(ids: Sequence[int], longest: int = 3, tokens: int = 8) -> list[int]:
    """What followed when the last tokens of `ids` stood there before: at most `tokens` of it.

    The longest end that occurs before counts, from `longest` tokens down to one, and of its places
    the latest. Nothing occurs before: no guess.
    """
    ids = list(ids)
    for n in range(min(longest, len(ids) - 1), 0, -1):
        end = ids[-n:]
        for start in range(len(ids) - n - 1, -1, -1):
            if ids[start : start + n] == end:
                return ids[start + n : start + n + tokens]
    return []


def speculate(
    model: GPT,
    prompt: Sequence[int],
    max_new_tokens: int,
    draft: Draft = repeated_ngram,
    temperature: float | int = 0,
    generator: torch.Generator | None = None,
    stop: Collection[int] = (),
) -> Speculated:
    """A continuation of `prompt`, as the model alone would draw it at this temperature (0: always the
    likeliest token), with the guesses of `draft` checked several at a time. It ends before the first
    of the `stop` ids.

    Raises ValueError where the prompt or a guess does not fit the model.
    """
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}; give 0 or more.")
    if not prompt:
        raise ValueError("the prompt is empty: give at least one token to continue from.")
    ids, end = list(prompt), len(prompt) + room(model, prompt, max_new_tokens)
    cache = model.new_cache(1, max(end - 1, 1))
    passes = guessed = kept = 0
    while len(ids) < end:
        # one token comes from the model itself after the guess
        guess = list(draft(ids))[: end - len(ids) - 1]
        new = torch.tensor([ids[cache.length :] + guess], device=model.device)
        with torch.inference_mode():
            logits = model(new, cache=cache)[0, -len(guess) - 1 :].cpu()
        drawn = check(guess, distributions(logits, temperature), generator)
        ids += drawn
        cache.forget(len(ids) - 1)  # the last one has not been read yet
        passes, guessed, kept = passes + 1, guessed + len(guess), kept + len(drawn) - 1
        ends = [place for place in range(len(ids) - len(drawn), len(ids)) if ids[place] in stop]
        if ends:
            return Speculated(ids[len(prompt) : ends[0]], passes, guessed, kept)
    return Speculated(ids[len(prompt) :], passes, guessed, kept)


def distributions(
    logits: Float[Tensor, "pos vocab"], temperature: float | int
) -> Float[Tensor, "pos vocab"]:
    """What is drawn from at each position; at temperature 0 all of it is at the likeliest token."""
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).double()
    return (logits.double() / temperature).softmax(-1)


def check(
    guess: Sequence[int],
    after: Float[Tensor, "pos vocab"],
    generator: torch.Generator | None = None,
) -> list[int]:
    """The tokens of the guess up to the first that is refused, and then one that is drawn.

    `after`: the model's distribution before each token of the guess, and after the last. A token is
    kept with the probability p that the model gives it. If it is refused, the others are drawn from
    in their proportions: so each of those has (1 - p) times its share of 1 - p, which is its own
    probability.
    """
    drawn = list[int]()
    for token, distribution in zip(guess, after, strict=False):
        if torch.rand((), dtype=torch.float64, generator=generator) < distribution[token]:
            drawn.append(token)
            continue
        others = distribution.clone()
        others[token] = 0
        return [*drawn, int(others.multinomial(1, generator=generator))]
    return [*drawn, int(after[len(guess)].multinomial(1, generator=generator))]
