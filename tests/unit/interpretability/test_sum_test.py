"""Sums for a language model: right examples, and a mark that a pass per token would give."""

import pytest
import torch

from utils.interpretability.sum_test import EXAMPLES, sum_prompts, sums_done


@pytest.mark.parametrize("digits", [1, 3])
def test_all_sums_are_right_and_of_their_length(digits):
    prompts = sum_prompts(digits, 7, seed=digits)
    for prompt, answer in prompts:
        lines = (prompt + answer).strip().split("\n")
        assert len(lines) == EXAMPLES + 1 and answer[0] == " " and answer[-1] == "\n"
        for line in lines:
            a, b, c = (part.strip() for part in line.replace("=", "+").split("+"))
            assert int(a) + int(b) == int(c) and len(a) == len(b) == digits
    assert sum_prompts(digits, 7, seed=9) != prompts
    with pytest.raises(ValueError, match="numbers of 0 digits"):
        sum_prompts(0, 1)


def test_the_mark_is_that_of_greedy_writing(smollm2):
    model, tok = smollm2
    prompts = [*sum_prompts(1, 4, seed=1), *sum_prompts(2, 3, seed=1)]
    expected = []
    for prompt, answer in prompts:
        ids, wanted = tok.encode(prompt), tok.encode(prompt + answer)
        while len(ids) < len(wanted):
            with torch.no_grad():
                ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
        expected.append(ids == wanted)
    assert sums_done(model, tok, prompts) == expected
    assert 0 < sum(expected) < len(expected)  # or the test would say nothing
