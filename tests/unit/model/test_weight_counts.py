"""Weights by formula, against those of models that are built (with shapes alone), and against what
the papers say.
"""

import pytest
from torch import nn

from utils.model.config import GPTConfig
from utils.model.empty_weights import only_shapes
from utils.model.gpt import GPT
from utils.model.weight_counts import matrix_weights, weight_count, weights_by_part
from utils.training.known_runs import KNOWN_RUNS

SIZES = {"vocab_size": 61, "context_length": 20, "n_layer": 3, "n_head": 6, "d_model": 48}
CONFIGS = {
    "gpt2": GPTConfig(**SIZES),
    "gpt2, own unembedding, narrow": GPTConfig(**SIZES, d_mlp=80, tie_embedding=False),
    "gpt2, no biases": GPTConfig(**SIZES, attn_bias=False, mlp_bias=False, norm="rmsnorm"),
    "gpt2, wide heads": GPTConfig(**SIZES, d_head=10, n_kv_head=3),
    "llama": GPTConfig.llama(**SIZES, d_mlp=80),
    "llama, shared keys": GPTConfig.llama(**SIZES, n_kv_head=2, tie_embedding=False),
    "llama, biases": GPTConfig.llama(**SIZES, attn_bias=True, mlp_bias=True),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_each_part_has_as_many_weights_as_the_model_built_of_it(config):
    model = GPT(config)
    parts = {
        "embedding": [model.embed],
        "positions": [model.position_embed] if config.position == "learned" else [],
        "attention": [block.attn for block in model.blocks],
        "feed-forward": [block.mlp for block in model.blocks],
        "norms": [norm for b in model.blocks for norm in (b.attn_norm, b.mlp_norm)],
        "unembedding": [] if config.tie_embedding else [model.unembed],
    }
    parts["norms"].append(model.final_norm)
    built = {
        name: sum(p.numel() for module in modules for p in module.parameters())
        for name, modules in parts.items()
    }
    assert weights_by_part(config) == built
    assert weight_count(config) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_matrix_weights_are_those_of_the_linear_layers(config):
    layers = [module for module in GPT(config).modules() if isinstance(module, nn.Linear)]
    assert matrix_weights(config) == sum(layer.weight.numel() for layer in layers)


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("SmolLM2 135M", 0.1345),
        ("Llama 2 7B", 6.738),
        ("Llama 2 70B", 68.977),
        ("GPT-3 175B", 174.6),
        ("Llama 3.1 405B", 405.85),
    ],
)
def test_known_models_are_as_large_as_their_papers_say(name, billions):
    config = KNOWN_RUNS[name].config
    assert weight_count(config) / 1e9 == pytest.approx(billions, rel=5e-4)
    with only_shapes():
        assert weight_count(config) == sum(p.numel() for p in GPT(config).parameters())
