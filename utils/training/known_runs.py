"""Training runs whose sizes have been published."""

from dataclasses import dataclass

from utils.model.config import GPTConfig


@dataclass(frozen=True)
class KnownRun:
    """A published model and how it was trained."""

    name: str
    config: GPTConfig  # context_length: of the texts that it was trained on
    n_tokens: float  # read in training, all together
    accelerator: str  # on which it was trained, see utils.training.bill
    source: str


_GPT_3 = GPTConfig(vocab_size=50_257, context_length=2048, n_layer=96, n_head=96, d_model=12_288)
_LLAMA_2_7B = GPTConfig.llama(
    vocab_size=32_000,
    context_length=4096,
    n_layer=32,
    n_head=32,
    d_model=4096,
    d_mlp=11_008,
    tie_embedding=False,
)
_LLAMA_2_70B = GPTConfig.llama(
    vocab_size=32_000,
    context_length=4096,
    n_layer=80,
    n_head=64,
    n_kv_head=8,
    d_model=8192,
    d_mlp=28_672,
    tie_embedding=False,
)
_LLAMA_3_405B = GPTConfig.llama(
    vocab_size=128_256,
    context_length=8192,
    n_layer=126,
    n_head=128,
    n_kv_head=8,
    d_model=16_384,
    d_mlp=53_248,
    tie_embedding=False,
)
_SMOLLM2 = GPTConfig.llama(
    vocab_size=49_152,
    context_length=2048,
    n_layer=30,
    n_head=9,
    n_kv_head=3,
    d_model=576,
    d_mlp=1536,
)

KNOWN_RUNS = {
    run.name: run
    for run in (
        KnownRun("SmolLM2 135M", _SMOLLM2, 2e12, "H100", "arXiv:2502.02737"),
        KnownRun("Llama 2 7B", _LLAMA_2_7B, 2e12, "A100", "arXiv:2307.09288"),
        KnownRun("Llama 2 70B", _LLAMA_2_70B, 2e12, "A100", "arXiv:2307.09288"),
        KnownRun("GPT-3 175B", _GPT_3, 3e11, "V100", "arXiv:2005.14165"),
        KnownRun("Llama 3.1 405B", _LLAMA_3_405B, 15.6e12, "H100", "arXiv:2407.21783"),
    )
}
