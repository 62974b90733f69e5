"""Models of several sizes that took the same budget, and what was published of real ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from utils.model.weight_counts import weight_count
from utils.training.flops import training_flops
from utils.training.known_runs import KNOWN_RUNS
from utils.training.scaling_laws import fit_power_law


@dataclass(frozen=True)
class SizedRun:
    """One size at a budget: its weights, the characters (or tokens) that it read, the mean loss,
    and what it wrote.
    """

    weights: float | int
    read: float | int
    loss: float | int
    text: str = ""


@dataclass(frozen=True)
class IsoFlop:
    """A budget in FLOPs, and the sizes that it was spent on, the smallest first."""

    budget: float | int
    runs: Sequence[SizedRun]

    def read_at(self, weights: float | int) -> float:
        """The characters that the budget pays for at a size that was not run: by the power law
        through the two sizes that are nearest.
        """
        near = sorted(self.runs, key=lambda run: abs(math.log(run.weights / weights)))[:2]
        return fit_power_law([run.weights for run in near], [run.read for run in near])(weights)


@dataclass(frozen=True)
class PublishedSize:
    """A real model: its weights and the tokens that it was trained on, by the source named."""

    name: str
    weights: float | int
    tokens: float | int
    source: str

    @property
    def tokens_per_weight(self) -> float:
        """Chinchilla's rule of thumb has 20."""
        return self.tokens / self.weights

    @property
    def flops(self) -> float:
        """By the rule of 6 FLOPs for each weight and token."""
        return training_flops(self.weights, self.tokens)


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
