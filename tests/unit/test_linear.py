"""Both ways of the linear layer against float64, and what holds for one kernel must hold for the other."""

import copy

import pytest
import torch
from torch.testing import assert_close

from utils.checkpoint import load_checkpoint, save_checkpoint
from utils.gpt import GPT, GPTConfig
from utils.linear import Linear, apply_side_by_side, lay_side_by_side
from utils.vocabulary import Vocabulary

CPU = torch.device("cpu")


def layer(bias=True):
    torch.manual_seed(3)
    return Linear(37, 23, bias=bias)


@pytest.mark.parametrize("shape", [(37,), (1, 37), (1, 1, 37), (3, 1, 37), (2, 5, 37), (0, 37)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("grad", [True, False])
def test_it_is_the_product(shape, bias, grad):
    linear, x = layer(bias), torch.randn(shape)
    with torch.set_grad_enabled(grad):
        got = linear(x)
    expected = x.double() @ linear.weight.double().T + (linear.bias.double() if bias else 0)
    assert got.requires_grad is grad
    assert_close(got.detach().double(), expected.detach(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
@torch.no_grad()
def test_other_types_stay_what_they_are(dtype):
    x = torch.randn(4, 37).to(dtype)
    assert layer().to(dtype)(x).dtype == dtype


@torch.inference_mode()
def test_rows_that_do_not_lie_side_by_side():
    x, linear = torch.randn(37, 6), layer()
    assert_close(linear(x.T), linear(x.T.contiguous()))
    assert_close(linear(x[:, ::2].T), linear(x.T.contiguous()[::2]))


def test_a_changed_weight_counts_at_once():
    linear, x = layer(bias=False), torch.randn(2, 37)
    with torch.inference_mode():
        before = linear(x)
    with torch.no_grad():
        linear.weight += 1
    with torch.inference_mode():
        assert_close(linear(x), before + x.sum(-1, keepdim=True), rtol=1e-4, atol=1e-4)


def three(bias):
    torch.manual_seed(4)
    return [Linear(24, d_out, bias=bias) for d_out in (7, 3, 12)]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("grad", [True, False])
def test_side_by_side_they_are_what_they_were(bias, grad):
    layers, x = three(bias), torch.randn(2, 5, 24)
    expected = [layer(x).detach() for layer in layers]
    whole, parameters = lay_side_by_side(layers), [layer.weight for layer in layers]
    with torch.set_grad_enabled(grad):
        got = apply_side_by_side(x, layers, whole)
    assert [t.shape for t in got] == [(2, 5, 7), (2, 5, 3), (2, 5, 12)]
    assert all(t.requires_grad is grad for t in got)
    assert_close([t.detach() for t in got], expected)
    assert all(layer.weight is parameter for layer, parameter in zip(layers, parameters, strict=True))


@pytest.mark.parametrize("change", ["in place", "data", "parameter", "hook", "module", "copy", "float64"])
@torch.no_grad()
def test_a_change_of_one_of_them_counts(change):
    layers, x = three(bias=True), torch.randn(4, 24)
    whole = lay_side_by_side(layers)
    plain, new = [layer(x) for layer in layers], torch.randn(3, 24)
    if change == "in place":
        layers[1].weight.copy_(new)
    elif change == "data":
        layers[1].weight.data = new
    elif change == "parameter":
        layers[1].weight = torch.nn.Parameter(new)
    elif change == "hook":
        layers[1].register_forward_hook(lambda module, inputs, out: x @ new.T + layers[1].bias)
    elif change == "module":
        layers[1] = torch.nn.Sequential(layers[1], torch.nn.ReLU())
    elif change == "copy":
        layers, whole = copy.deepcopy((layers, whole))
        layers[1].weight.copy_(new)
    elif change == "float64":
        layers, x = [layer.double() for layer in layers], x.double()
    got = apply_side_by_side(x, layers, whole)
    middle = {"module": plain[1].relu(), "float64": plain[1].double()}
    middle = middle.get(change, x @ new.T.to(x) + getattr(layers[1], "bias", torch.zeros(3)).to(x))
    assert_close(got, (plain[0].to(x), middle, plain[2].to(x)), rtol=1e-4, atol=1e-5)


def test_a_loaded_model_uses_one_product_and_keeps_its_weights(tmp_path, monkeypatch):
    config = GPTConfig.llama(vocab_size=256, context_length=16, n_layer=2, n_head=6, n_kv_head=2, d_model=48)
    vocabulary = Vocabulary(tuple(bytes([byte]) for byte in range(256)), ())
    fresh, ids = GPT(config), torch.arange(10)[None]
    model, _ = load_checkpoint(save_checkpoint(tmp_path / "a.safetensors", fresh, vocabulary), torch.float32, CPU)
    again, _ = load_checkpoint(save_checkpoint(tmp_path / "b.safetensors", model, vocabulary), torch.float32, CPU)
    assert (tmp_path / "a.safetensors").stat().st_size == (tmp_path / "b.safetensors").stat().st_size
    calls = []
    product = torch.nn.functional.linear
    monkeypatch.setattr("utils.linear.linear", lambda x, w, b=None: calls.append(len(w)) or product(x, w, b))
    with torch.inference_mode():
        assert_close(again(ids), fresh(ids), rtol=1e-5, atol=1e-5)
        assert {48 + 16 + 16, 2 * config.d_mlp} <= set(calls)
        again.blocks[1].attn.key.weight.mul_(3)
        fresh.blocks[1].attn.key.weight.mul_(3)
        assert_close(again(ids), fresh(ids), rtol=1e-5, atol=1e-5)
    again(ids).sum().backward()
    fresh(ids).sum().backward()
    for (name, mine), (_, theirs) in zip(again.named_parameters(), fresh.named_parameters(), strict=True):
        assert_close(mine.grad, theirs.grad, rtol=1e-4, atol=1e-6, msg=name)
