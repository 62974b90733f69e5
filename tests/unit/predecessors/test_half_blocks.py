"""GPTs with one kind of layer alone: what they compute, and what they can know."""

import pytest
import torch

from utils.model.config import GPTConfig
from utils.predecessors.half_blocks import HalfGPT

SIZES = dict(vocab_size=17, context_length=12, n_layer=3, n_head=2, d_model=8, d_mlp=20)


def made(part):
    torch.manual_seed(0)
    model = HalfGPT(GPTConfig.llama(**SIZES), part)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.5)
    return model


@pytest.mark.parametrize("part", ["attn", "mlp"])
def test_there_is_nothing_of_the_other_kind(part):
    names = {name.split(".")[2] for name, _ in made(part).named_parameters() if "blocks" in name}
    assert names == {part, f"{part}_norm"}


def test_feed_forward_alone_sees_one_token_and_attention_those_before():
    ids = torch.randint(17, (1, 6), generator=torch.Generator().manual_seed(1))
    other = ids.clone()
    other[0, 2] = (ids[0, 2] + 1) % 17
    for part, behind in (("mlp", False), ("attn", True)):
        model = made(part)
        moved = (model(ids) - model(other)).abs().amax(dim=-1)[0]
        assert moved[:2].max() == 0 and moved[2] > 0.01
        assert bool(moved[3:].max() > 0.01) is behind


@pytest.mark.parametrize("part", ["attn", "mlp"])
def test_the_writers_start_small(part):
    torch.manual_seed(0)
    config = GPTConfig.llama(**{**SIZES, "d_model": 64, "d_mlp": 128, "n_layer": 4})
    model = HalfGPT(config, part)
    block = model.blocks[1]
    writer, reader = (
        (block.attn.output, block.attn.query) if part == "attn" else (block.mlp.down, block.mlp.up)
    )
    assert float(writer.weight.std()) == pytest.approx(0.01, rel=0.1)
    assert float(reader.weight.std()) == pytest.approx(0.02, rel=0.1)
