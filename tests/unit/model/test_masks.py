"""Masks, by their definition, place by place; and the blocks that use them, against torch's own."""

import pytest
import torch
from torch import nn

from utils import GPT, GPTConfig
from utils.model.encoder import Encoder, PrefixGPT
from utils.model.masks import causal_mask, full_mask, prefix_mask


def test_masks_place_by_place():
    assert full_mask(5).shape == (1, 1, 5, 5) and full_mask(5).all()
    for query in range(3):
        for key in range(7):
            assert causal_mask(3, 7)[0, 0, query, key] == (key <= query + 4)
    for prefix in (0, 2, 6):
        for query in range(6):
            for key in range(6):
                allowed = key <= query or key < prefix
                assert prefix_mask(prefix, 6)[0, 0, query, key] == allowed


def test_a_prefix_that_does_not_fit_is_refused():
    for prefix in (-1, 7):
        with pytest.raises(ValueError, match=rf"the prefix is {prefix} and the text 6 long"):
            prefix_mask(prefix, 6)


CONFIG = GPTConfig(
    vocab_size=23,
    context_length=11,
    n_layer=2,
    n_head=3,
    d_model=12,
    d_mlp=20,
    activation="relu",
    position="learned",
)


def torch_layer(block):
    """torch's encoder layer with the weights of one of our blocks."""
    layer = nn.TransformerEncoderLayer(12, 3, 20, dropout=0.0, batch_first=True, norm_first=True)
    attn = block.attn
    with torch.no_grad():
        layer.self_attn.in_proj_weight.copy_(
            torch.cat([attn.query.weight, attn.key.weight, attn.value.weight])
        )
        layer.self_attn.in_proj_bias.copy_(
            torch.cat([attn.query.bias, attn.key.bias, attn.value.bias])
        )
    for ours, theirs in (
        (attn.output, layer.self_attn.out_proj),
        (block.mlp.up, layer.linear1),
        (block.mlp.down, layer.linear2),
        (block.attn_norm, layer.norm1),
        (block.mlp_norm, layer.norm2),
    ):
        theirs.load_state_dict(ours.state_dict())
    return layer


def random_weights(model, seed=0):
    """Large enough, biases too, that every part of a block counts."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.5)
    return model


@pytest.mark.parametrize("padding", [0, 3])
def test_an_encoder_is_torchs_encoder(padding):
    model = random_weights(Encoder(CONFIG))
    ids = torch.randint(23, (4, 7), generator=torch.Generator().manual_seed(1))
    real = torch.ones(4, 7, dtype=torch.bool)
    real[1, 7 - padding :] = False
    x = model.embed(ids) + model.position_embed((real.cumsum(1) - 1).clamp(min=0))
    for block in model.blocks:
        x = torch_layer(block)(x, src_key_padding_mask=~real)
    expected = model.final_norm(x)
    found = model.hidden(ids, real if padding else None)
    torch.testing.assert_close(found[real], expected[real], rtol=1e-4, atol=1e-4)


def test_an_encoders_padding_changes_nothing_on_either_side():
    model = random_weights(Encoder(CONFIG))
    ids = torch.randint(23, (1, 5), generator=torch.Generator().manual_seed(2))
    alone = model.hidden(ids)
    for side in ("left", "right"):
        room = torch.zeros(1, 2, dtype=torch.int64)
        parts = (room, ids) if side == "left" else (ids, room)
        real = torch.cat([torch.full_like(part, part is ids) for part in parts], dim=1).bool()
        found = model.hidden(torch.cat(parts, dim=1), real)
        torch.testing.assert_close(found[real], alone[0], rtol=1e-4, atol=1e-5)


def test_a_prefix_of_nothing_is_a_gpt_and_of_all_an_encoder():
    ids = torch.randint(23, (2, 6), generator=torch.Generator().manual_seed(3))
    gpt = random_weights(GPT(CONFIG))
    for prefix, other in ((0, gpt), (6, random_weights(Encoder(CONFIG)))):
        model = random_weights(PrefixGPT(CONFIG, prefix))
        torch.testing.assert_close(model(ids), other(ids), rtol=1e-4, atol=1e-5)
    between = random_weights(PrefixGPT(CONFIG, 3))
    changed = ids.clone()
    changed[:, 2] = (changed[:, 2] + 1) % 23
    moved = (between.hidden(ids) - between.hidden(changed)).abs().amax(dim=-1)
    assert (moved[:, :2] > 1e-3).all()  # inside the prefix one looks ahead
    changed = ids.clone()
    changed[:, 4] = (changed[:, 4] + 1) % 23
    moved = (between.hidden(ids) - between.hidden(changed)).abs().amax(dim=-1)
    assert (moved[:, :4] == 0).all() and (moved[:, 5] > 1e-3).all()


def test_a_cache_or_padding_is_refused():
    ids = torch.zeros(1, 3, dtype=torch.int64)
    for model, what in ((Encoder(CONFIG), "an encoder"), (PrefixGPT(CONFIG, 1), "a prefix")):
        with pytest.raises(ValueError, match=f"{what} was given a cache"):
            model(ids, cache=model.new_cache(1, 5))
    with pytest.raises(ValueError, match="without `real`"):
        PrefixGPT(CONFIG, 1)(ids, torch.ones(1, 3, dtype=torch.bool))
