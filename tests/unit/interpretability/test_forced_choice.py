import pytest
import torch

from utils.interpretability.forced_choice import choice_logprobs, chosen

TEXTS = ["The capital of France is", "Paris", "One, two, three, four,", "I like to eat"]


def test_choices_are_those_of_one_pass_each(smollm2):
    model, tok = smollm2
    prompts = [tok.encode(text) for text in TEXTS]
    choices = [" Paris", " five", " the", " London"]
    found = choice_logprobs(model, tok, prompts, choices)
    assert found.shape == (4, 4)
    ids = [tok.encode(choice)[0] for choice in choices]
    for row, prompt in zip(found, prompts, strict=True):
        with torch.no_grad():
            alone = model(torch.tensor([prompt]))[0, -1].double().log_softmax(-1)[ids]
        assert row.tolist() == pytest.approx(alone.tolist(), rel=1e-3, abs=1e-3)
    said = chosen(model, tok, [prompts[0], prompts[2]], choices)
    assert said == [" Paris", " five"]


def test_a_choice_of_several_tokens_is_refused(smollm2):
    with pytest.raises(ValueError, match="'12' is 2 tokens long"):
        choice_logprobs(*smollm2, [[5]], ["1", "12"])
