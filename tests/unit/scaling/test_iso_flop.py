"""Sizes of real models and of ours, against their published figures and a known law."""

import pytest

from utils.scaling.iso_flop import IsoFlop, PublishedSize, SizedRun
from utils.training.published_sizes import PUBLISHED_SIZES

# weights and tokens as the sources round them
PUBLISHED = {
    "GPT-3": (175e9, 300e9),
    "Gopher": (280e9, 300e9),
    "Chinchilla": (70e9, 1.4e12),
    "LLaMA 7B": (6.7e9, 1.0e12),
    "LLaMA 13B": (13.0e9, 1.0e12),
    "Llama 2 70B": (70e9, 2.0e12),
    "Llama 3.1 405B": (405e9, 15.6e12),
    "nanochat": (561e6, 11.2e9),
    "SmolLM2": (135e6, 2.0e12),
}


def test_real_models_are_as_their_sources_say():
    assert set(PUBLISHED_SIZES) == set(PUBLISHED)
    for name, (weights, tokens) in PUBLISHED.items():
        one = PUBLISHED_SIZES[name]
        assert one.name == name and one.source
        assert one.weights == pytest.approx(weights, rel=0.02), name
        assert one.tokens == pytest.approx(tokens, rel=0.01), name


def test_gopher_and_chinchilla_took_about_the_same_budget():
    """5.76e23 FLOPs for Gopher, by Hoffmann et al., who gave Chinchilla as many."""
    gopher, chinchilla = PUBLISHED_SIZES["Gopher"].flops, PUBLISHED_SIZES["Chinchilla"].flops
    assert gopher == pytest.approx(5.76e23, rel=0.15)
    assert chinchilla == pytest.approx(5.76e23, rel=0.15)


@pytest.mark.parametrize(("weights", "tokens"), [(3, 21), (2e9, 5e10)])
def test_ratio_and_flops(weights, tokens):
    one = PublishedSize("x", weights, tokens, "here")
    assert one.tokens_per_weight == tokens / weights
    assert one.flops == 6 * weights * tokens


@pytest.mark.parametrize("weights", [1_000, 5_000, 30_000, 90_000, 400_000])
def test_what_a_budget_pays_for_between_and_beyond_the_sizes(weights):
    """Exact for a law without attention; near it with some, which weighs less in wider models."""
    sizes = [2_000, 8_000, 20_000, 100_000]
    plain = IsoFlop(6e10, [SizedRun(size, 1e10 / size, 2.0) for size in sizes])
    assert plain.read_at(weights) == pytest.approx(1e10 / weights, rel=1e-9)

    def with_attention(size):
        return 6e10 / (6 * size + 1500 * (size / 25) ** 0.5)

    real = IsoFlop(6e10, [SizedRun(size, with_attention(size), 2.0) for size in sizes])
    assert real.read_at(weights) == pytest.approx(with_attention(weights), rel=0.1)
    assert real.read_at(20_000) == pytest.approx(with_attention(20_000), rel=1e-9)
