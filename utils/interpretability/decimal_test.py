"""Which of two decimals a language model names as the larger one, with either of them named first."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.data.decimal_pairs import DecimalPair
from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.text.tokenizer import Tokenizer


def prefers_larger(
    model: GPT, tok: Tokenizer, pairs: Sequence[DecimalPair], larger_first: bool
) -> list[bool]:
    """For each pair whether the larger number is the likelier answer to the question which is
    larger. `larger_first`: the question names the larger one first.
    """
    prompts = [decimal_question(pair, larger_first) for pair in pairs]
    larger = log_probabilities(model, tok, prompts, [f" {pair.larger}." for pair in pairs])
    smaller = log_probabilities(model, tok, prompts, [f" {pair.smaller}." for pair in pairs])
    preferred: list[bool] = (larger > smaller).tolist()
    return preferred


def decimal_question(pair: DecimalPair, larger_first: bool) -> str:
    """The question with its answer begun."""
    first, second = pair if larger_first else pair[::-1]
    return f"Q: Which number is larger, {first} or {second}?\nA: The larger number is"


@torch.inference_mode()
def log_probabilities(
    model: GPT, tok: Tokenizer, prompts: Sequence[str], answers: Sequence[str]
) -> Float[Tensor, " prompt"]:
    """The natural logarithm of the probability of each answer after its prompt."""
    lengths = [len(tok.encode(answer)) for answer in answers]
    rows = [
        torch.tensor(tok.encode(prompt) + tok.encode(answer))
        for prompt, answer in zip(prompts, answers, strict=True)
    ]
    ids, real = pad(rows, "left")
    longest = max(lengths)
    before_answers = model.hidden(ids[:, :-1], real[:, :-1])[:, -longest:]
    log_p = model.unembed(before_answers).log_softmax(dim=-1)  # (prompt, pos, vocab)
    of_tokens = log_p.gather(2, ids[:, -longest:, None])[:, :, 0]
    return torch.stack(
        [row[-length:].sum() for row, length in zip(of_tokens, lengths, strict=True)]
    )
