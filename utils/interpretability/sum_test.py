"""How many sums a language model can do: a few examples in the prompt, then a sum (few-shot)."""

import random

from utils.interpretability.few_shot import completions
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer

EXAMPLES = 3


def sum_prompts(digits: int, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """`count` prompts with three sums that are done and one that is not, and the answer of that one.

    All numbers have `digits` digits.
    """
    if not 1 <= digits <= 9:
        raise ValueError(f"numbers of {digits} digits were asked for; give 1 to 9.")
    rng = random.Random(seed)
    low, high = 10 ** (digits - 1), 10**digits
    prompts = []
    for _ in range(count):
        pairs = [(rng.randrange(low, high), rng.randrange(low, high)) for _ in range(EXAMPLES + 1)]
        lines = [f"{a} + {b} = {a + b}" for a, b in pairs]
        question, _, answer = "\n".join(lines).rpartition(" ")
        prompts.append((question, f" {answer}\n"))
    return prompts


def sums_done(model: GPT, tok: Tokenizer, prompts: list[tuple[str, str]]) -> list[bool]:
    """Whether the model writes each answer, and then ends the line, if it always takes the likeliest
    token: all answers in one pass.
    """
    return [completion.right for completion in completions(model, tok, prompts)]
