"""Which of a few tokens does a model find the likeliest? So one gets an answer from a model that
would rather talk around it.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.text.tokenizer import Tokenizer

_AT_A_TIME = 16  # prompts in one batch


@torch.no_grad()
def choice_logprobs(
    model: GPT, tok: Tokenizer, prompts: Sequence[Sequence[int]], choices: Sequence[str]
) -> Float[Tensor, "prompt choice"]:
    """The log-probability, in nats, of each choice as the next token after each prompt.

    prompts: ids. choices: texts of one token each; ValueError, naming it, for any other.
    """
    ids = [_one_token(tok, choice) for choice in choices]
    found = []
    for begin in range(0, len(prompts), _AT_A_TIME):
        rows, real = pad(prompts[begin : begin + _AT_A_TIME], "left")
        found.append(model.next_logits(rows, real).log_softmax(dim=-1)[:, ids])
    return torch.cat(found)


def chosen(
    model: GPT, tok: Tokenizer, prompts: Sequence[Sequence[int]], choices: Sequence[str]
) -> list[str]:
    """The likeliest of the choices after each prompt."""
    best: Int64[Tensor, " prompt"] = choice_logprobs(model, tok, prompts, choices).argmax(dim=1)
    return [choices[number] for number in best.tolist()]


def _one_token(tok: Tokenizer, choice: str) -> int:
    ids = tok.encode(choice)
    if len(ids) != 1:
        raise ValueError(
            f"{choice!r} is {len(ids)} tokens long; give choices of one token each, such as one "
            "digit."
        )
    return ids[0]
