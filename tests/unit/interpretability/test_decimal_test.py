"""Which decimal a model prefers: probabilities against a pass without padding, and both orders."""

import pytest
import torch

from utils.data.decimal_pairs import DecimalPair, decimal_pairs
from utils.interpretability.decimal_test import (
    decimal_question,
    log_probabilities,
    prefers_larger,
)


def one_by_one(model, tok, prompt: str, answer: str) -> float:
    ids, more = tok.encode(prompt), tok.encode(answer)
    total = 0.0
    for token in more:
        total += float(model(torch.tensor([ids]))[0, -1].log_softmax(dim=-1)[token])
        ids = [*ids, token]
    return total


@torch.no_grad()
def test_log_probabilities_are_those_of_token_after_token(smollm2):
    prompts = ["The larger is", "Q: 3.5 or 3.25?\nA: The larger number is", "It"]
    answers = [" 9.9.", " 3.25.", " rains"]
    found = log_probabilities(*smollm2, prompts, answers).tolist()
    wanted = [one_by_one(*smollm2, *one) for one in zip(prompts, answers, strict=True)]
    assert found == pytest.approx(wanted, rel=1e-3)


def test_the_question_names_them_in_the_order_that_was_asked_for():
    pair = DecimalPair("9.9", "9.11")
    assert "larger, 9.9 or 9.11?" in decimal_question(pair, larger_first=True)
    assert "larger, 9.11 or 9.9?" in decimal_question(pair, larger_first=False)


@torch.no_grad()
@pytest.mark.parametrize("larger_first", [True, False])
def test_the_likelier_of_the_two_is_preferred(smollm2, larger_first):
    pairs = decimal_pairs(4)
    wanted = []
    for pair in pairs:
        prompt = decimal_question(pair, larger_first)
        larger, smaller = (one_by_one(*smollm2, prompt, f" {one}.") for one in pair)
        wanted.append(larger > smaller)
    assert prefers_larger(*smollm2, pairs, larger_first) == wanted
