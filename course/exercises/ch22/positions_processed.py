"""Exercise 22.3: how many token positions go through the network, without a KV cache and with one."""

import math
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "22.3",
    minutes=8,
    hints=(
        "Follow a prompt of two tokens, and generate three more. What goes through the network to "
        "get the first one? And the second one, with the cache and without it?",
        "Without a cache each step runs over the whole text so far: the prompt first, then the "
        "prompt and one token, and so on, until the last token is chosen. With a cache each "
        "position runs once, ever.",
        "Without: sum(prompt + i for i in range(new)). With: the prompt, and then one position for "
        "each generated token but the last, which is chosen and never read.",
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
    "there. Here each step counts the token that it is about to choose."
)
def _token_counted_before_it_is_chosen(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt + 1, new), prompt + new - 1]


@positions_processed.wrong(
    "How long is the text when a token is chosen? Here each token counts before it is there, in "
    "both numbers: the first step has the prompt alone."
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
    "Is the text at its full length from the start? It grows: without a cache, an early step reads "
    "fewer tokens."
)
def _full_length_each_time(prompt: int, new: int) -> list[int]:
    return [(prompt + new) * new, prompt + new - 1]


@positions_processed.wrong(
    "Is the text in the last step as long as in the first? Without a cache, this counts the "
    "longest text in every step; earlier ones are shorter."
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
    "Here it counts as one position at most."
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
    "them, but that is not asked for: with the cache, count what goes through the network."
)
def _cache_saves_nothing(prompt: int, new: int) -> list[int]:
    return [_without_cache(prompt, new)] * 2


@positions_processed.wrong(
    "What happens without a cache? Nothing is kept, so the old positions run again in each step. "
    "Both counts are those with a cache."
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
