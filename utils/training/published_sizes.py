"""Real models: their weights and the tokens that they were trained on, as published."""

from utils.model.weight_counts import weight_count
from utils.scaling.iso_flop import PublishedSize
from utils.training.known_runs import KNOWN_RUNS


def _known(name: str, shown: str) -> PublishedSize:
    run = KNOWN_RUNS[name]
    return PublishedSize(shown, weight_count(run.config), run.n_tokens, run.source)


PUBLISHED_SIZES = {
    one.name: one
    for one in (
        # no GPT-2: its tokens were never published
        _known("GPT-3 175B", "GPT-3"),
        PublishedSize("Gopher", 280e9, 300e9, "arXiv:2112.11446"),
        PublishedSize("Chinchilla", 70e9, 1.4e12, "arXiv:2203.15556"),
        PublishedSize("LLaMA 7B", 6.7e9, 1e12, "arXiv:2302.13971"),
        PublishedSize("LLaMA 13B", 13.0e9, 1e12, "arXiv:2302.13971"),
        _known("Llama 2 70B", "Llama 2 70B"),
        _known("Llama 3.1 405B", "Llama 3.1 405B"),
        PublishedSize("nanochat", 561e6, 11.2e9, "github.com/karpathy/nanochat, discussion 1"),
        _known("SmolLM2 135M", "SmolLM2"),
    )
}
