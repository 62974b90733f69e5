"""Each typical mistake has a number of its own, and that number names it."""

import pytest

from utils.model.config import GPTConfig
from utils.model.empty_weights import only_shapes
from utils.model.gpt import GPT
from utils.model.miscounts import miscounts, recognised

SIZES = {"vocab_size": 61, "context_length": 23, "n_layer": 3, "n_head": 6, "d_model": 48}
CONFIGS = {
    "gpt2": GPTConfig(**SIZES, d_mlp=100),
    "llama": GPTConfig.llama(**SIZES, d_mlp=80, n_kv_head=2, tie_embedding=False),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_every_number_names_its_own_mistake(config):
    for name, count in miscounts(config).items():
        assert recognised(config, count) == [name]
    assert recognised(config, 17) == []


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_what_is_missing_is_what_the_built_model_has_there(config):
    with only_shapes():
        model = GPT(config)
    counts = miscounts(config)

    def weights(*words):
        return sum(
            p.numel() for name, p in model.named_parameters() if any(w in name for w in words)
        )

    total = sum(p.numel() for p in model.parameters())
    assert counts["right"] == total
    output = sum(p.numel() for n, p in model.named_parameters() if n.endswith("output.weight"))
    assert counts["W_O forgotten"] == total - output
    assert counts["no norms"] == total - weights("norm")
    assert counts["no final norm"] == total - weights("final_norm")
    if config.position == "learned":
        assert counts["no embedding"] == total - model.embed.weight.numel()
        assert counts["no positions"] == total - weights("position_embed")
        assert counts["no biases"] == total - sum(
            p.numel()
            for name, p in model.named_parameters()
            if name.endswith("bias") and "norm" not in name
        )
        assert counts["the embedding twice"] == total + model.embed.weight.numel()
    else:
        assert counts["two matrices for three"] == total - weights("mlp.gate")
        assert counts["no unembedding"] == total - model.unembed.weight.numel()
        assert "no biases" not in counts and "no positions" not in counts


def test_a_rounded_number_is_recognised_within_its_rounding():
    small = GPTConfig(vocab_size=50_257, context_length=1024, n_layer=12, n_head=12, d_model=768)
    assert recognised(small, 124_000_000, within=0.005) == [
        "right",
        "no biases",
        "no norms",
        "no final norm",
        "no positions",
    ]
    assert recognised(small, 163_000_000, within=0.005) == ["the embedding twice"]
