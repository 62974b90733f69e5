"""Norms behind the sublayers, against torch's own post-norm layer, and the first weights of 2017."""

import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.predecessors.post_norm import PostNormGPT, xavier_start

SIZES = dict(vocab_size=11, context_length=9, n_layer=2, n_head=3, d_model=12, d_mlp=20)


def small_model(**sizes):
    torch.manual_seed(0)
    model = PostNormGPT(GPTConfig(**SIZES | {"activation": "relu"} | sizes))
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.4)
    return model


def torchs_layer(block):
    """nn.TransformerEncoderLayer with norm_first=False and the weights of our block."""
    layer = nn.TransformerEncoderLayer(
        12, nhead=3, dim_feedforward=20, dropout=0.0, batch_first=True, norm_first=False
    )
    attn, projections = block.attn, (block.attn.query, block.attn.key, block.attn.value)
    with torch.no_grad():
        layer.self_attn.in_proj_weight.copy_(torch.cat([one.weight for one in projections]))
        layer.self_attn.in_proj_bias.copy_(torch.cat([one.bias for one in projections]))
        pairs = (
            (layer.self_attn.out_proj, attn.output),
            (layer.linear1, block.mlp.up),
            (layer.linear2, block.mlp.down),
            (layer.norm1, block.attn_norm),
            (layer.norm2, block.mlp_norm),
        )
        for theirs, ours in pairs:
            theirs.weight.copy_(ours.weight)
            theirs.bias.copy_(ours.bias)
    return layer


def test_the_residual_stream_is_that_of_torchs_post_norm_layers():
    model, pos = small_model(), 7
    ids = torch.randint(11, (4, pos), generator=torch.Generator().manual_seed(1))
    x = model.embed(ids) + model.position_embed(torch.arange(pos))
    mask = nn.Transformer.generate_square_subsequent_mask(pos)
    for block in model.blocks:
        x = torchs_layer(block)(x, src_mask=mask)
    assert_close(model(ids), x @ model.unembed.weight.T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("norm", ["layernorm", "rmsnorm"])
def test_the_stream_leaves_every_block_normalised(norm):
    model = PostNormGPT(GPTConfig(**SIZES | {"norm": norm}))
    hidden = model.hidden(torch.tensor([[1, 2, 3, 4]]))
    assert_close(hidden.square().mean(dim=-1), torch.ones(1, 4), rtol=1e-3, atol=0)


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


def test_xaviers_bound():
    model = small_model(d_mlp=200)
    xavier_start(model)
    for layer in (model.blocks[1].attn.query, model.blocks[0].mlp.up):
        bound = math.sqrt(6 / sum(layer.weight.shape))
        assert 0.9 * bound < layer.weight.abs().max() <= bound
