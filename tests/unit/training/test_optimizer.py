"""Which parameters decay, AdamW against its formulas, and clipping against torch's."""

import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.training.config import TrainConfig
from utils.training.optimizer import make_optimizer, parameters_with_decay, scale_gradients

SIZES = dict(vocab_size=13, context_length=7, n_layer=2, n_head=3, d_model=12)


def test_matrices_decay_and_nothing_else():
    """Written out for one layer of GPT-2's kind."""
    model = GPT(GPTConfig(**SIZES | {"n_layer": 1}))
    block = "blocks.0."
    attention = {f"{block}attn.{part}.weight" for part in ("query", "key", "value", "output")}
    assert parameters_with_decay(model) == attention | {
        f"{block}mlp.up.weight",
        f"{block}mlp.down.weight",
    }


@pytest.mark.parametrize("tie", [True, False])
def test_an_unembedding_of_its_own_decays_and_a_tied_one_does_not(tie):
    decayed = parameters_with_decay(GPT(GPTConfig.llama(**SIZES, tie_embedding=tie)))
    assert ("unembed.weight" in decayed) is not tie
    assert not any("embed.weight" in name for name in decayed - {"unembed.weight"})


def test_every_trained_parameter_is_in_one_group():
    model = GPT(GPTConfig(**SIZES))
    model.blocks[0].requires_grad_(False)
    groups = make_optimizer(model, TrainConfig(steps=1, weight_decay=0.3)).param_groups
    given = [id(p) for group in groups for p in group["params"]]
    assert sorted(given) == sorted(id(p) for p in model.parameters() if p.requires_grad)
    assert [group["weight_decay"] for group in groups] == [0.3, 0.0]


def adamw_by_hand(value, gradients, rate, decay, beta1, beta2):
    """Loshchilov & Hutter, algorithm 2, on one number."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        step = (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + 1e-8)
        value -= rate * (step + decay * value)
    return value


def test_three_steps_by_hand():
    layer = nn.Linear(1, 1).double()
    with torch.no_grad():
        layer.weight.fill_(0.7), layer.bias.fill_(-0.4)
    optimizer = make_optimizer(
        layer, TrainConfig(steps=1, learning_rate=0.05, weight_decay=0.2, betas=(0.8, 0.9))
    )
    gradients = [0.3, -2.0, 0.01]
    for gradient in gradients:
        layer.weight.grad, layer.bias.grad = (
            torch.full((1, 1), gradient).double(),
            torch.full((1,), gradient).double(),
        )
        optimizer.step()
    assert layer.weight.item() == pytest.approx(
        adamw_by_hand(0.7, gradients, 0.05, 0.2, 0.8, 0.9), rel=1e-7
    )
    assert layer.bias.item() == pytest.approx(
        adamw_by_hand(-0.4, gradients, 0.05, 0.0, 0.8, 0.9), rel=1e-7
    )


@pytest.mark.parametrize("clip", [0.3, 2.0, 1e3, None])
@pytest.mark.parametrize("factor", [1.0, 0.125])
def test_clipping_is_torchs_after_the_factor(clip, factor):
    generator = torch.Generator().manual_seed(5)
    parameters = [nn.Parameter(torch.zeros(shape)) for shape in ((3, 4), (5,), (2, 2))]
    unused = nn.Parameter(torch.zeros(6))
    for parameter in parameters:
        parameter.grad = torch.randn(parameter.shape, generator=generator)
    peers = [nn.Parameter(torch.zeros_like(p)) for p in parameters]
    for peer, parameter in zip(peers, parameters, strict=True):
        peer.grad = factor * parameter.grad
    norm = nn.utils.clip_grad_norm_(peers, math.inf if clip is None else clip)
    assert scale_gradients([*parameters, unused], factor, clip) == pytest.approx(
        float(norm), rel=1e-6
    )
    assert clip != 0.3 or norm > 0.3  # something is clipped, and with 1e3 nothing
    assert unused.grad is None
    for peer, parameter in zip(peers, parameters, strict=True):
        assert_close(parameter.grad, peer.grad, rtol=1e-5, atol=0)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "sign", "muon"])
def test_every_optimizer_has_each_parameter_once_and_decays_the_same(optimizer):
    model = GPT(GPTConfig(**SIZES))
    config = TrainConfig(steps=1, optimizer=optimizer, weight_decay=0.3, momentum=0.7)
    groups = make_optimizer(model, config).param_groups
    given = [id(p) for group in groups for p in group["params"]]
    assert sorted(given) == sorted(map(id, model.parameters()))
    decayed = {id(p) for group in groups if group["weight_decay"] for p in group["params"]}
    names = parameters_with_decay(model)
    assert decayed == {id(p) for name, p in model.named_parameters() if name in names}
    momenta = {group["momentum"] for group in groups if "momentum" in group}
    assert momenta == ({0} if optimizer == "sgd" else {0.7})


@pytest.mark.parametrize("tie", [True, False])
def test_muon_has_the_matrices_of_the_blocks_and_adamw_the_rest(tie):
    model = GPT(GPTConfig(**SIZES, tie_embedding=tie))
    optimizer = make_optimizer(model, TrainConfig(steps=1, optimizer="muon"))
    muon, adamw = optimizer.optimizers
    hidden = {id(p) for group in muon.param_groups for p in group["params"]}
    assert hidden == {id(p) for p in model.blocks.parameters() if p.ndim == 2}
    assert isinstance(adamw, torch.optim.AdamW)
    assert any(p is model.unembed.weight for group in adamw.param_groups for p in group["params"])


def test_muon_needs_a_block():
    with pytest.raises(ValueError, match="Linear has no matrix in a Block that is trained"):
        make_optimizer(nn.Linear(3, 2), TrainConfig(steps=1, optimizer="muon"))


def test_what_cannot_be_trained_is_refused():
    model = GPT(GPTConfig(**SIZES))
    with pytest.raises(ValueError, match=r"embed\.weight is kept as torch.bfloat16, .*precision="):
        make_optimizer(model.bfloat16(), TrainConfig(steps=1))
    with pytest.raises(ValueError, match="no parameter of the model requires a gradient"):
        make_optimizer(model.requires_grad_(False), TrainConfig(steps=1))
