"""Probes for tokens ahead: the vectors are those of the model, and a planted answer is found."""

import pytest
import torch

from utils.interpretability.planning import ahead_accuracy, vectors_and_tokens
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace


def test_vectors_are_the_streams_and_the_last_two_embeddings():
    torch.manual_seed(1)
    config = GPTConfig.llama(vocab_size=20, context_length=9, n_layer=3, n_head=2, d_model=8)
    model = GPT(config)
    texts = torch.randint(20, (4, 7))
    found = vectors_and_tokens(model, texts, layers=(0, 2))
    assert list(found) == ["last two tokens", "layer 0", "layer 2"]
    with trace(model) as t, torch.no_grad():
        model(texts)
    torch.testing.assert_close(found["layer 2"], t["blocks.2.resid.post"])
    torch.testing.assert_close(found["layer 0"], t["blocks.0.resid.post"])
    embedded = model.embed.weight[texts]
    torch.testing.assert_close(found["last two tokens"][:, 3, :8], embedded[:, 3])
    torch.testing.assert_close(found["last two tokens"][:, 3, 8:], embedded[:, 2])
    assert found["last two tokens"][:, 0, 8:].abs().max() == 0


@pytest.mark.parametrize("ahead", [1, 2])
def test_a_planted_token_is_read_off_and_noise_is_not(ahead):
    rng = torch.Generator().manual_seed(3)
    texts = torch.randint(6, (30, 40), generator=rng)
    later = torch.nn.functional.pad(texts[:, ahead:], (0, ahead))
    # ridge regression with a penalty of 1000 needs numbers of some size
    planted = torch.nn.functional.one_hot(later, 6).float()
    planted += 0.1 * torch.randn(planted.shape, generator=rng)
    test = range(0, 30, 5)
    assert ahead_accuracy(planted, texts, ahead, most=6, test=test) > 0.95
    other = 3 - ahead
    assert ahead_accuracy(planted, texts, other, most=6, test=test) < 0.35
    noise = torch.randn(30, 40, 5, generator=rng)
    assert ahead_accuracy(noise, texts, ahead, most=6, test=test) < 0.35
