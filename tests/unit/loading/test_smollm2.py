"""The real model: our reader and our decoder against the gguf library's unpackers and transformers'
Llama.
"""

import subprocess
import sys

import gguf
import pytest
import torch
import torch.nn.functional as F
from oracles import llama_from_gguf
from torch.testing import assert_close

from utils import generate
from utils.assets.cache import fetch

pytestmark = pytest.mark.model
TEXT = "The capital of France is Paris. Water boils at 100 degrees, and 2 + 2 = 4."


@pytest.fixture(scope="module")
def oracle():
    reader = gguf.GGUFReader(fetch("smollm2"))
    tensors = {
        t.name: torch.from_numpy(gguf.quants.dequantize(t.data, t.tensor_type).copy())
        for t in reader.tensors
    }
    return llama_from_gguf(tensors, n_head=9, n_kv_head=3, context_length=8192, rope_base=100_000.0)


def test_logits_and_gradients_equal_transformers(smollm2, oracle):
    model, tok = smollm2
    ids = torch.tensor([tok.encode(TEXT)])
    got, expected = model(ids), oracle(ids).logits
    # logits of up to 30, after 30 blocks in float32
    assert_close(got, expected, rtol=1e-3, atol=1e-3)
    assert (got - expected).abs().mean() < 2e-5 * expected.abs().max()

    for logits in (got, expected):
        F.cross_entropy(logits[0, :-1], ids[0, 1:]).backward()
    ours, theirs = model.blocks[7], oracle.model.layers[7]
    pairs = [
        (ours.mlp.down, theirs.mlp.down_proj),
        (ours.attn.value, theirs.self_attn.v_proj),
        (ours.attn_norm, theirs.input_layernorm),
        (model.blocks[29].mlp.gate, oracle.model.layers[29].mlp.gate_proj),
        (model.embed, oracle.model.embed_tokens),
    ]
    for mine, reference in pairs:
        scale = float(reference.weight.grad.abs().max())
        assert scale > 0
        assert_close(mine.weight.grad, reference.weight.grad, rtol=1e-2, atol=1e-4 * scale)
    model.zero_grad()


def test_the_facts_known_about_it(smollm2):
    model, tok = smollm2
    config = model.config
    assert (config.n_layer, config.d_model, config.n_head, config.n_kv_head) == (30, 576, 9, 3)
    assert (config.d_mlp, config.vocab_size, config.rope_base, config.tie_embedding) == (
        1536,
        49_152,
        100_000,
        True,
    )
    assert sum(p.numel() for p in model.parameters()) == 134_515_008
    assert tok.pieces("2024") == ["2", "0", "2", "4"]


def test_paris(smollm2):
    model, tok = smollm2
    assert generate(
        model, tok, "The capital of France is", max_new_tokens=20, temperature=0
    ).startswith(" Paris")
    with torch.inference_mode():
        p = model(torch.tensor([tok.encode("The capital of France is")]))[0, -1].softmax(-1)
    assert 0.7 < float(p[tok.encode(" Paris")[0]]) < 0.85


LOAD = """
import utils.loading.pretrained
utils.loading.pretrained.load("smollm2")
print(next(line.split()[1] for line in open("/proc/self/status", encoding="utf-8") if line.startswith("VmHWM")))
"""  # not ru_maxrss: that one starts with the memory of the process that this one was forked from


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_loading_peaks_below_1_2_gb():
    fetch("smollm2")
    run = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
    assert int(run.stdout) * 1024 < 1.2e9
