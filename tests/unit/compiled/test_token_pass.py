"""The compiled pass against the model itself: the same logits, whatever the family, the sizes, the
bits and the threads.
"""

import copy
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from utils import GPT, GPTConfig, trace
from utils.compiled import token_pass as module
from utils.compiled.token_pass import TokenPass
from utils.compiled.weight_table import Uncovered
from utils.loading.checkpoint import load_checkpoint, save_checkpoint
from utils.model.linear import Linear
from utils.quantization.packed_linear import PackedLinear
from utils.text.vocabulary import Vocabulary

# No two sizes are equal, and rows are no multiples of what vector instructions take at a time.
GPT2 = {
    "vocab_size": 101,
    "context_length": 40,
    "n_layer": 3,
    "n_head": 6,
    "d_model": 54,
    "d_mlp": 70,
}
LLAMA = GPTConfig.llama(
    vocab_size=97,
    context_length=40,
    n_layer=2,
    n_head=6,
    n_kv_head=2,
    d_model=60,
    d_head=14,
    d_mlp=90,
)
CONFIGS = {
    "gpt2": GPTConfig(**GPT2),
    "exact gelu, sinusoids, own unembedding": GPTConfig(
        **GPT2, activation="gelu_exact", position="sinusoid", tie_embedding=False
    ),
    "relu, no positions, no biases": GPTConfig(
        **GPT2, activation="relu", position="none", attn_bias=False, mlp_bias=False
    ),
    "llama": LLAMA,
    "llama, stretched, with biases": GPTConfig.llama(
        **{name: getattr(LLAMA, name) for name in ("vocab_size", "context_length", "n_layer")},
        n_head=4,
        n_kv_head=4,
        d_model=40,
        d_mlp=67,
        rope_stretch=3.0,
        rope_base=500.0,
        attn_bias=True,
        norm_eps=1e-2,
    ),
}
each = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
# Products of int4 see 16 bits of a vector: off by up to 1/65,534 of the largest in a group, where the
# bfloat16 of torch's kernels is off by up to 1/512 (see test_products.py for the product alone).
CODES = [(torch.int8, 2e-5), (torch.uint4, 1e-4)]
PROMPT, NEW = 5, 12
VOCABULARY = Vocabulary(tuple(bytes([byte]) for byte in range(97)), ())


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def model_of(config: GPTConfig, seed: int = 0) -> GPT:
    torch.manual_seed(seed)
    model = GPT(config).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model


def packed(config: GPTConfig, dtype: torch.dtype, folder: Path) -> tuple[GPT, GPT]:
    """A model of codes, and one with the weights in float32 that its codes stand for."""
    model = model_of(config)
    file = save_checkpoint(folder / "m.safetensors", model, VOCABULARY)
    codes, _ = load_checkpoint(file, dtype, torch.device("cpu"))
    with torch.no_grad():
        model.unembed.weight.copy_(codes.unembed.weight)
        model.embed.weight.copy_(codes.embed.weight)
    for ours, theirs in zip(model.blocks, codes.blocks, strict=True):
        fill([ours.attn.query, ours.attn.key, ours.attn.value], theirs.attn.qkv)
        fill([ours.attn.output], theirs.attn.output)
        fill([ours.mlp.down], theirs.mlp.down)
        if config.activation == "swiglu":
            fill([ours.mlp.gate, ours.mlp.up], theirs.mlp.both)
        else:
            fill([ours.mlp.up], theirs.mlp.up)
    return codes, model


def fill(linears: list[Linear], codes: PackedLinear) -> None:
    weight = codes.unpack(torch.float32)
    sizes = [one.out_features for one in linears]
    with torch.no_grad():
        for linear, part in zip(linears, weight.split(sizes), strict=True):
            linear.weight.copy_(part)
        if codes.bias is not None:
            for linear, part in zip(linears, codes.bias.float().split(sizes), strict=True):
                linear.bias.copy_(part)


def ids_of(config: GPTConfig) -> torch.Tensor:
    return torch.randint(0, config.vocab_size, (1, PROMPT + NEW))


def quick_logits(model: GPT, ids: torch.Tensor) -> torch.Tensor:
    """The logits after each of the last tokens, by the compiled pass."""
    cache = model.new_cache(1, ids.shape[1] + 3)
    with torch.inference_mode():
        model.next_logits(ids[:, :PROMPT], cache=cache)
        with TokenPass(model, cache) as quick:
            found = []
            for i in range(PROMPT, ids.shape[1]):
                assert quick.fits(cache)
                found.append(quick.next_logits(ids[:, i : i + 1]))
    assert cache.length == ids.shape[1]
    return torch.cat(found)


def assert_same(found: torch.Tensor, expected: torch.Tensor, tolerance: float = 2e-5) -> None:
    assert (found - expected).abs().max() < tolerance * expected.abs().max()


@each
@pytest.mark.parametrize("crowd", [1, 2, 3])
def test_the_logits_are_the_models(config, crowd):
    torch.set_num_threads(crowd)
    model, ids = model_of(config), ids_of(config)
    with torch.inference_mode():
        expected = model(ids)[0, PROMPT:]
    assert_same(quick_logits(model, ids), expected)


@each
@pytest.mark.parametrize("dtype, tolerance", CODES, ids=["int8", "int4"])
@pytest.mark.parametrize("crowd", [1, 2])
def test_codes_are_read_as_the_weights_they_stand_for(config, dtype, tolerance, crowd, tmp_path):
    torch.set_num_threads(crowd)
    codes, plain = packed(config, dtype, tmp_path)
    ids = ids_of(config)
    cache = plain.new_cache(1, 20)
    with torch.inference_mode():
        expected = plain(ids)[0, PROMPT:]
        # the prompt's keys and values by the oracle, too: torch's kernels round to bfloat16
        plain.next_logits(ids[:, :PROMPT], cache=cache)
        with TokenPass(codes, cache) as quick:
            found = [quick.next_logits(ids[:, i : i + 1]) for i in range(PROMPT, PROMPT + NEW)]
    assert_same(torch.cat(found), expected, tolerance)


@pytest.mark.parametrize("crowd", [1, 3])
@pytest.mark.parametrize("vocab_size", [512, 2_100])  # a whole piece; four, and one begun
def test_a_vocabulary_in_pieces_is_whole(vocab_size, crowd):
    torch.set_num_threads(crowd)
    config = replace(LLAMA, vocab_size=vocab_size)
    model, ids = model_of(config), ids_of(config)
    with torch.inference_mode():
        expected = model(ids)[0, PROMPT:]
    assert_same(quick_logits(model, ids), expected)


def test_the_cache_can_be_used_by_either():
    model, ids = model_of(LLAMA), ids_of(LLAMA)
    cache = model.new_cache(1, 30)
    with torch.inference_mode():
        expected = model(ids)[0]
        model.next_logits(ids[:, :PROMPT], cache=cache)
        with TokenPass(model, cache) as quick:
            for i in range(PROMPT, PROMPT + NEW, 2):
                assert_same(quick.next_logits(ids[:, i : i + 1])[0], expected[i])
                if i + 1 < ids.shape[1]:
                    there = model.next_logits(ids[:, i + 1 : i + 2], cache=cache)[0]
                    assert_same(there, expected[i + 1])


def test_a_weight_that_is_changed_in_place_counts_at_once():
    model, ids = model_of(LLAMA), ids_of(LLAMA)
    before = quick_logits(model, ids)
    with torch.no_grad():
        model.block(1).mlp.down.weight[3] *= -1
        expected = model(ids)[0, PROMPT:]
    found = quick_logits(model, ids)
    assert_same(found, expected)
    assert (found - before).abs().max() > 1e-2


@pytest.fixture
def running():
    model = model_of(LLAMA)
    cache = model.new_cache(1, 20)
    with torch.inference_mode():
        model.next_logits(ids_of(LLAMA)[:, :PROMPT], cache=cache)
    with TokenPass(model, cache) as quick:
        assert quick.fits(cache)
        yield model, cache, quick


def test_it_steps_aside_while_somebody_looks(running):
    model, cache, quick = running
    with trace(model):
        assert not quick.fits(cache)
    assert quick.fits(cache)
    hook = model.block(0).mlp.down.register_forward_hook(lambda *given: None)
    assert not quick.fits(cache)
    hook.remove()
    assert quick.fits(cache)
    with torch.autograd.profiler.profile():
        assert not quick.fits(cache)
    with FlopCounterMode(display=False):
        assert not quick.fits(cache)
    assert quick.fits(cache)


def test_it_steps_aside_for_other_parts(running):
    model, cache, quick = running
    down = model.block(0).mlp.down
    weight = down.weight
    down.weight = nn.Parameter(weight.detach().clone())
    assert not quick.fits(cache)
    down.weight = weight
    assert quick.fits(cache)
    weight.data = weight.detach().clone()
    assert not quick.fits(cache)


def test_it_steps_aside_for_another_module_or_forward(running):
    model, cache, quick = running
    block = model.block(1)
    block.mlp.forward = lambda x: x
    assert not quick.fits(cache)
    del block.mlp.forward
    assert quick.fits(cache)
    model.blocks[1] = copy.deepcopy(block)
    assert not quick.fits(cache)
    model.blocks[1] = block
    assert quick.fits(cache)
    assert not quick.fits(model.new_cache(1, 20))


class OtherLinear(Linear):
    def forward(self, x):
        return -super().forward(x)


def test_what_it_does_not_know_it_refuses():
    model = model_of(LLAMA)
    with pytest.raises(Uncovered):
        TokenPass(model, model.new_cache(2, 20))
    other = model_of(LLAMA)
    other.block(0).mlp.down = OtherLinear(90, 60, bias=False)
    with pytest.raises(Uncovered):
        TokenPass(other, other.new_cache(1, 20))
    half = model_of(LLAMA).bfloat16()
    with pytest.raises(Uncovered):
        TokenPass(half, half.new_cache(1, 20))


def test_a_changed_class_is_refused(monkeypatch):
    model = model_of(LLAMA)
    monkeypatch.setattr(Linear, "forward", OtherLinear.forward)
    with pytest.raises(Uncovered):
        TokenPass(model, model.new_cache(1, 20))


def test_a_full_cache_and_an_unknown_token_are_refused_as_ever(running):
    _, cache, quick = running
    with pytest.raises(ValueError, match="knows 0 to 96"):
        quick.next_logits(torch.tensor([[97]]))
    for token in range(PROMPT, 20):
        quick.next_logits(torch.tensor([[token]]))
    with pytest.raises(ValueError, match="the cache holds 20 positions"):
        quick.next_logits(torch.tensor([[1]]))
    assert cache.length == 20


def test_no_thread_stays(monkeypatch):
    torch.set_num_threads(3)
    before = threading.active_count()
    model = model_of(LLAMA)
    ids = ids_of(LLAMA)
    quick_logits(model, ids)
    assert threading.active_count() == before

    def interrupted(me, *rest):
        if me == 0:
            raise KeyboardInterrupt
        real(me, *rest)

    real = module.one_token
    monkeypatch.setattr(module, "one_token", interrupted)
    interrupted.signatures = real.signatures
    with pytest.raises(KeyboardInterrupt):
        quick_logits(model, ids)
    assert threading.active_count() == before


def test_after_an_interruption_it_gives_no_more_numbers(running, monkeypatch):
    _, _, quick = running

    def interrupted(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "one_token", interrupted)
        with pytest.raises(KeyboardInterrupt):
            quick.next_logits(torch.tensor([[1]]))
    with pytest.raises(RuntimeError, match="interrupted in the middle of a token: begin"):
        quick.next_logits(torch.tensor([[1]]))
