"""Cross-attention and the decoder around it, against torch's own."""

import pytest
import torch
from torch import nn

from utils import GPTConfig, trace
from utils.model.attention import CrossAttention, Memory, SharedInputs
from utils.predecessors.encoder_decoder import DecoderBlock, EncoderDecoder

CONFIG = GPTConfig(
    vocab_size=19,
    context_length=9,
    n_layer=2,
    n_head=4,
    d_model=8,
    d_mlp=14,
    activation="relu",
    position="sinusoid",
)


def randomised(module, seed=0):
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=rng) * 0.5)
    return module


def torch_attention(ours, heads):
    theirs = nn.MultiheadAttention(8, heads, batch_first=True)
    parts = (ours.query, ours.key, ours.value)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        theirs.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
    theirs.out_proj.load_state_dict(ours.output.state_dict())
    return theirs


def memory_of(batch, source, seed=1):
    states = torch.randn(batch, source, 8, generator=torch.Generator().manual_seed(seed))
    real = torch.arange(source) < torch.tensor([[source], [source - 2], [1]])[:batch]
    return Memory(states, real[:, None, None, :]), real


@pytest.mark.parametrize("pos", [1, 4])
def test_cross_attention_is_torchs(pos):
    ours = randomised(CrossAttention(CONFIG, layer=0))
    memory, real = memory_of(3, 5)
    x = torch.randn(3, pos, 8, generator=torch.Generator().manual_seed(2))
    expected, weights = torch_attention(ours, 4)(
        x, memory.states, memory.states, key_padding_mask=~real
    )
    torch.testing.assert_close(ours(x, memory), expected, rtol=1e-4, atol=1e-5)
    with trace(ours) as seen:
        traced = ours(x, memory)
    torch.testing.assert_close(traced, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(seen["pattern"].mean(dim=1), weights, rtol=1e-4, atol=1e-5)


def test_a_decoder_block_is_torchs():
    block = randomised(DecoderBlock(CONFIG, layer=0, cross_heads=2))
    theirs = nn.TransformerDecoderLayer(8, 4, 14, dropout=0.0, batch_first=True, norm_first=True)
    theirs.self_attn = torch_attention(block.attn, 4)
    theirs.multihead_attn = torch_attention(block.cross, 2)
    for ours, other in (
        (block.mlp.up, theirs.linear1),
        (block.mlp.down, theirs.linear2),
        (block.attn_norm, theirs.norm1),
        (block.cross_norm, theirs.norm2),
        (block.mlp_norm, theirs.norm3),
    ):
        other.load_state_dict(ours.state_dict())
    memory, real = memory_of(2, 5)
    x = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(3))
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    expected = theirs(x, memory.states, tgt_mask=mask, memory_key_padding_mask=~real)
    found = block(x, SharedInputs(None, None, None, memory))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_a_decoder_block_without_memory_is_refused():
    block = DecoderBlock(CONFIG, layer=0, cross_heads=1)
    with pytest.raises(ValueError, match="was given no memory"):
        block(torch.zeros(1, 2, 8), SharedInputs(None, None, None))


def test_what_is_written_later_changes_nothing_and_what_was_read_does():
    model = randomised(EncoderDecoder(CONFIG, cross_heads=2))
    rng = torch.Generator().manual_seed(4)
    source, target = (torch.randint(19, (2, n), generator=rng) for n in (6, 5))
    real = torch.ones(2, 6, dtype=torch.bool)
    logits = model(source, real, target)
    later = target.clone()
    later[:, 3] = (later[:, 3] + 1) % 19
    moved = (model(source, real, later) - logits).abs().amax(dim=-1)
    assert (moved[:, :3] == 0).all() and (moved[:, 3:] > 1e-3).all()
    read = source.clone()
    read[:, 5] = (read[:, 5] + 1) % 19
    assert ((model(read, real, target) - logits).abs().amax(dim=-1) > 1e-3).all()
    shown = real.clone()
    shown[:, 5] = False  # padding: what stands there does not count
    torch.testing.assert_close(model(read, shown, target), model(source, shown, target))


def test_both_towers_read_one_table_and_the_unembedding_has_its_own():
    model = EncoderDecoder(CONFIG)
    assert model.decoder.embed.weight is model.encoder.embed.weight
    assert model.decoder.unembed.weight is not model.decoder.embed.weight
