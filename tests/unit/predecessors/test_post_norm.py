"""A GPT with its norms after the additions, against its own parts put together by hand."""

import pytest
import torch

from utils import GPT, GPTConfig, trace
from utils.model.attention import SharedInputs
from utils.predecessors.post_norm import PostNormGPT

SIZES = {"vocab_size": 11, "context_length": 9, "n_layer": 3, "n_head": 2, "d_model": 6}
IDS = torch.tensor([[1, 5, 3, 0, 10], [2, 2, 7, 9, 4]])


def model():
    torch.manual_seed(0)
    made = PostNormGPT(GPTConfig(**SIZES))
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return made.eval()


@torch.no_grad()
def test_each_sum_is_normalised_on_the_stream():
    made = model()
    x = made.embed(IDS) + made.position_embed(torch.arange(5))
    for block in made.blocks:
        x = block.attn_norm(x + block.attn(x, SharedInputs(None, None, None)))
        x = block.mlp_norm(x + block.mlp(x))
    torch.testing.assert_close(made(IDS), x @ made.embed.weight.T, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_the_stream_has_the_same_size_after_each_block():
    torch.manual_seed(0)
    made = PostNormGPT(GPTConfig(**SIZES))
    with trace(made) as t:
        made(IDS)
    for layer in range(3):
        for place in ("mid", "post"):
            stream = t[f"blocks.{layer}.resid.{place}"]
            size = stream.square().mean(dim=-1)
            torch.testing.assert_close(size, torch.ones_like(size), rtol=0, atol=0.2)
            torch.testing.assert_close(
                stream.mean(dim=-1), torch.zeros(stream.shape[:2]), rtol=0, atol=1e-5
            )


def test_the_start_is_that_of_the_other_gpt():
    sizes = SIZES | {"d_model": 64, "n_head": 4}
    torch.manual_seed(0)
    ours, theirs = PostNormGPT(GPTConfig(**sizes)), GPT(GPTConfig(**sizes))
    assert set(dict(theirs.named_parameters())) - set(dict(ours.named_parameters())) == {
        "final_norm.weight",
        "final_norm.bias",
    }
    for name, parameter in ours.named_parameters():
        expected = theirs.get_parameter(name).std(correction=0).item()
        assert parameter.std(correction=0).item() == pytest.approx(expected, rel=0.2, abs=1e-6)
