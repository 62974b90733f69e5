"""Models of codes against the model with weights, and against one with the weights that their codes
stand for.
"""

import copy

import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf_writer import SIZES, write_model
from oracles import random_ids

from utils import load
from utils.generation.beams import beam_search
from utils.generation.decoding import generate
from utils.interpretability.rank_one_edit import edit_fact
from utils.loading.checkpoint import load_checkpoint, save_checkpoint
from utils.loading.gguf_file import GGUFFile
from utils.loading.gguf_model import load_gguf
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace
from utils.quantization.packed_model import bytes_per_token, is_packed
from utils.text.vocabulary import Vocabulary

CPU = torch.device("cpu")
PRECISIONS = {"int8": torch.int8, "int4": torch.uint4}
VOCABULARY = Vocabulary(tuple(bytes([byte]) for byte in range(256)), ())
NOISE = 2**-8  # one step of bfloat16, relative
CONFIGS = {
    "llama": GPTConfig.llama(
        vocab_size=256,
        context_length=100,
        n_layer=3,
        n_head=6,
        n_kv_head=2,
        d_model=60,
        d_head=12,
        d_mlp=100,
    ),
    "gpt2": GPTConfig(vocab_size=256, context_length=100, n_layer=3, n_head=5, d_model=40),
    "untied": GPTConfig.llama(
        vocab_size=256,
        context_length=100,
        n_layer=2,
        n_head=4,
        d_model=64,
        tie_embedding=False,
        mlp_bias=True,
    ),
}


def rms(x):
    return float(x.double().square().mean().sqrt())


@pytest.fixture(scope="module", params=CONFIGS)
def file(request, tmp_path_factory):
    torch.manual_seed(7)
    model = GPT(CONFIGS[request.param])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.add_((0.05 if "embed" in name else 0.12) * torch.randn(parameter.shape))
    return save_checkpoint(tmp_path_factory.mktemp("packed") / "m.safetensors", model, VOCABULARY)


@pytest.fixture(params=PRECISIONS)
def pair(request, file):
    """The packed model, and a plain one with the weights that its codes stand for."""
    packed, _ = load_checkpoint(file, PRECISIONS[request.param], CPU)
    plain, _ = load_checkpoint(file, torch.float32, CPU)
    config = plain.config
    heads, kv_heads = config.n_head * config.d_head, config.n_kv_head * config.d_head
    with torch.no_grad():
        for mine, theirs in zip(plain.blocks, packed.blocks, strict=True):
            groups = [
                (
                    (mine.attn.query, mine.attn.key, mine.attn.value),
                    theirs.attn.qkv,
                    (heads, kv_heads, kv_heads),
                )
            ]
            groups += [((mine.attn.output,), theirs.attn.output, (config.d_model,))]
            groups += [((mine.mlp.down,), theirs.mlp.down, (config.d_model,))]
            swiglu = config.activation == "swiglu"
            both = (mine.mlp.gate, mine.mlp.up) if swiglu else (mine.mlp.up,)
            groups += [
                (both, theirs.mlp.both if swiglu else theirs.mlp.up, (config.d_mlp,) * len(both))
            ]
            for linears, stack, sizes in groups:
                for linear, weight in zip(linears, stack.dequantize().split(sizes), strict=True):
                    assert 0 < rms(linear.weight - weight) < 0.1 * rms(weight)
                    linear.weight.copy_(weight)
    return plain, packed


@pytest.mark.parametrize("pos", [1, 5, 51])
@torch.inference_mode()
def test_it_computes_what_its_codes_stand_for(pair, pos):
    plain, packed = pair
    ids = random_ids(256, batch=3, pos=pos)
    expected, got, half = plain(ids), packed(ids), copy.deepcopy(plain).bfloat16()(ids)
    assert got.dtype == torch.float32 and expected.std() > 0.1
    # No worse than the same weights all in bfloat16, give or take the luck of single roundings.
    assert rms(got - expected) < 1.3 * rms(half - expected) < 8 * NOISE * rms(expected)


@torch.inference_mode()
def test_a_cache_and_padding_change_nothing(pair):
    _, packed = pair
    ids, lengths = random_ids(256, batch=3, pos=9), (9, 5, 2)
    real = torch.stack([torch.arange(9) >= 9 - length for length in lengths])
    cache = packed.new_cache(batch=3, max_pos=9)
    chunks = zip(ids.split([6, 1, 2], dim=1), real.split([6, 1, 2], dim=1), strict=True)
    parts = [packed(new, real=part, cache=cache) for new, part in chunks]
    got = torch.cat(parts, dim=1)
    for row, length in enumerate(lengths):
        alone = packed(ids[row : row + 1, -length:])[0]
        assert rms(got[row, -length:] - alone) < 6 * NOISE * rms(alone)


@torch.inference_mode()
def test_text_comes_out(pair, file):
    plain, packed = pair
    _, tok = load(file)
    prompts = ["ab", "the tower", "x"]
    texts = generate(packed, tok, prompts, max_new_tokens=12, temperature=0.7, seed=4)
    assert texts == generate(packed, tok, prompts, max_new_tokens=12, temperature=0.7, seed=4)
    assert len(set(texts)) == 3
    # The likeliest token is the plain model's, unless two are as good as equally likely.
    logits = plain(torch.tensor([tok.encode("the tower")]))[0, -1]
    first = packed.new_cache(1, 9)
    token = int(packed(torch.tensor([tok.encode("the tower")]), cache=first)[0, -1].argmax())
    assert logits.max() - logits[token] < 8 * NOISE * rms(logits)
    assert len(beam_search(packed, tok, "ab", beams=3, max_new_tokens=4)) == 3


@torch.inference_mode()
def test_names_and_activations_are_those_of_the_plain_model(pair):
    plain, packed = pair
    ids = random_ids(256, batch=2, pos=7)
    with trace(plain) as expected, trace(packed) as got:
        plain(ids)
        packed(ids)
    assert got.names() == expected.names()
    for name in got.names():
        if not name.endswith("scores"):  # these hold -inf
            assert got[name].shape == expected[name].shape
            assert rms(got[name] - expected[name]) < 8 * NOISE * rms(expected[name]), name
    with trace(packed, replace={"blocks.1.mlp.out": torch.zeros_like}):
        assert rms(packed(ids) - plain(ids)) > 0.05 * rms(plain(ids))


def test_what_it_cannot_do_is_one_sentence(pair, tmp_path, file):
    _, packed = pair
    _, tok = load(file)
    assert (
        is_packed(packed)
        and not any(p.requires_grad for p in packed.parameters())
        and not packed.training
    )
    embed = torch.zeros(1, 4, packed.config.d_model, requires_grad=True)
    with (
        trace(packed, replace={"embed": embed}),
        pytest.raises(RuntimeError, match="computes no gradients"),
    ):
        packed(random_ids(256, batch=1, pos=4))
    with pytest.raises(RuntimeError, match="precision='float32'"):
        edit_fact(packed, tok, "the tower is in", "tower", " x", layer=1, steps=1)
    with pytest.raises(ValueError, match="cannot be saved"):
        save_checkpoint(tmp_path / "new.safetensors", packed, VOCABULARY)
    assert not list(tmp_path.iterdir())
    with pytest.raises(RuntimeError, match="load it again"):
        packed.double()
    assert (
        packed.final_norm.weight.dtype == torch.float32
        or packed.embed.weight.dtype == torch.float16
    )


def test_devices_without_kernels_are_refused(file):
    with pytest.raises(ValueError, match="cpu and cuda, not on meta"):
        load_checkpoint(file, torch.int8, torch.device("meta"))


def test_a_file_of_codes_is_taken_over(tmp_path):
    write_model(tmp_path / "m.gguf", kind=Kind.Q4_1)
    file = GGUFFile(tmp_path / "m.gguf")
    packed, _ = load_gguf(tmp_path / "m.gguf", torch.uint4, CPU)
    layer = packed.blocks[1].attn.qkv
    codes, scale, minimum = (
        torch.cat([getattr(file.read_codes(f"blk.1.attn_{part}.weight"), name) for part in "qkv"])
        for name in ("codes", "scale", "minimum")
    )
    groups = layer.unpack(torch.float32).unflatten(1, (-1, 32))
    seen = (groups - minimum[..., None].float()) / scale[..., None].float()
    assert torch.equal(seen.round(), codes.unflatten(1, (-1, 32)).float())
    with torch.inference_mode():
        ids = random_ids(SIZES["vocab"], batch=2, pos=9)
        expected = load_gguf(tmp_path / "m.gguf", torch.float32, CPU)[0](ids)
        # Only what bfloat16 holds of scales and activations is lost. int8 rounds the weights
        # themselves a second time.
        assert rms(packed(ids) - expected) < 4 * NOISE * rms(expected)


@pytest.mark.model
@torch.inference_mode()
def test_smollm2_says_nearly_the_same(smollm2):
    """Tolerances: 30 blocks of two layers add up what is rounded to bfloat16: scales, and vectors on
    their way in and out. So that is sqrt(180) times what one rounding is off on average, 0.42 of
    2**-8. int8 rounds weights as well, a step of their largest in 254.
    """
    (model, tok), text = (
        smollm2,
        "The capital of France is Paris. Water boils at 100 degrees, and 2 + 2 = 4. ",
    )
    ids = torch.tensor([tok.encode(text * 3)])
    expected = model(ids)[0]
    of_bfloat = 180**0.5 * 0.42 * 2**-8
    of_int8 = (60 * 2**-14) ** 0.5
    for precision, noise, agreement in (("int4", of_bfloat, 0.95), ("int8", of_int8, 0.9)):
        packed, _ = load("smollm2", precision=precision)
        cache = packed.new_cache(1, ids.shape[1])
        one_by_one = torch.cat([packed(new, cache=cache)[0] for new in ids[:, :24].split(1, dim=1)])
        for got in (packed(ids)[0], one_by_one):
            wanted = expected[: len(got)]
            assert rms(got - wanted) < noise * rms(wanted)
            divergence = (
                (wanted.softmax(-1) * (wanted.log_softmax(-1) - got.log_softmax(-1))).sum(-1).mean()
            )
            assert 0 <= float(divergence) < (0.002 if precision == "int4" else 0.02)
            assert float((got.argmax(-1) == wanted.argmax(-1)).float().mean()) >= agreement
        assert generate(
            packed, tok, "The capital of France is", max_new_tokens=3, temperature=0
        ).startswith(" Paris")


def test_bytes_that_a_token_reads(tmp_path):
    config = GPTConfig.llama(
        vocab_size=256, context_length=9, n_layer=2, n_head=4, d_model=64, d_mlp=96
    )
    plain = GPT(config)
    file = save_checkpoint(tmp_path / "m.safetensors", plain, VOCABULARY)
    weights, rows = 2 * (4 * 64 * 64 + 3 * 64 * 96), 2 * (4 * 64 + 2 * 96 + 64)
    norms, embedding = 5 * 64, 256 * 64
    assert bytes_per_token(plain) == 4 * (weights + norms + embedding)
    of_codes = {torch.int8: weights + 2 * rows, torch.uint4: weights / 2 + 2 * 2 * weights / 32}
    for dtype, n_bytes in of_codes.items():
        assert (
            bytes_per_token(load_checkpoint(file, dtype, CPU)[0])
            == n_bytes + 4 * norms + 2 * embedding
        )


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA here")
@pytest.mark.parametrize("precision", PRECISIONS)
@torch.inference_mode()
def test_cuda_says_what_the_cpu_says(file, precision):
    ids = random_ids(256, batch=2, pos=7)
    on_cpu, on_gpu = (
        load(file, precision, device)[0](ids.to(device)).cpu() for device in ("cpu", "cuda")
    )
    assert rms(on_cpu - on_gpu) < 6 * NOISE * rms(on_cpu)
