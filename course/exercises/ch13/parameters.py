"""Exercise 13.4: the number of weights of two models, one of each family, to the digit."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from course.judging.exercise import exercise
from utils.model.config import GPTConfig
from utils.model.empty_weights import only_shapes
from utils.model.gpt import GPT
from utils.model.weight_counts import weight_count, weights_by_part


@exercise(
    "13.4",
    minutes=8,
    hints=(
        "For each family count one block, multiply by n_layer, and add what is there once: the "
        "embedding, positions (GPT-2), the final norm, and the unembedding (Llama).",
        "Attention has four matrices. Queries and output are d_model x d_model, keys and values "
        "d_model x (n_kv_head * d_head), with d_head = d_model // n_head. The feed-forward layer "
        "has two matrices in GPT-2 and three in Llama.",
        "GPT-2 alone: a bias for each number that a matrix gives: 4 * d_model in attention, d_mlp + "
        "d_model in the feed-forward layer; and norms with gain and shift, 2 * d_model each. "
        "Llama's norms have d_model. There are two norms in each block, and one at the end.",
    ),
)
def parameters(
    vocab: int,
    context: int,
    n_layer: int,
    n_head: int,
    n_kv_head: int,
    d_model: int,
    d_mlp: int,
) -> list[int]:
    """The number of weights of two models, one of each family, to the digit.

    Of GPT-2's family: learned positions, a row for each place of the context. Each
        matrix of a block has a bias, each norm a gain and a shift. The feed-forward
        layer has two matrices. All n_head heads have their own keys and values. The
        unembedding is the embedding.
    Of Llama's: RoPE, no biases; each norm has a gain alone. The feed-forward layer has
        three matrices. Keys and values have n_kv_head heads. The unembedding is a
        matrix of its own.

    vocab, context: rows of the embedding, and places of the context.
    n_layer: blocks, each with two norms; one more norm stands behind the last.
    d_model, d_mlp: the widths of the stream and of the feed-forward layer. A head has
        d_model // n_head numbers.
    Returns a list of two whole numbers: the weights of GPT-2's kind, and of Llama's.
    """
    d_kv = n_kv_head * (d_model // n_head)
    biases = 4 * d_model + d_mlp + d_model
    gpt2_block = 4 * d_model * d_model + 2 * d_model * d_mlp + biases + 2 * (2 * d_model)
    llama_block = 2 * d_model * d_model + 2 * d_model * d_kv + 3 * d_model * d_mlp + 2 * d_model
    gpt2 = vocab * d_model + context * d_model + n_layer * gpt2_block + 2 * d_model
    llama = 2 * vocab * d_model + n_layer * llama_block + d_model
    return [gpt2, llama]


def _configs(
    vocab: int,
    context: int,
    n_layer: int,
    n_head: int,
    n_kv_head: int,
    d_model: int,
    d_mlp: int,
) -> tuple[GPTConfig, GPTConfig]:
    """One of each family."""
    sizes = {
        "vocab_size": vocab,
        "context_length": context,
        "n_layer": n_layer,
        "n_head": n_head,
        "d_model": d_model,
        "d_mlp": d_mlp,
    }
    return (
        GPTConfig(**sizes),  # type: ignore[arg-type]  # all of them are numbers
        GPTConfig.llama(**sizes, n_kv_head=n_kv_head, tie_embedding=False),
    )


def _with(
    *sizes: int, gpt2: dict[str, Any] | None = None, llama: dict[str, Any] | None = None
) -> list[int]:
    """Both counts, with some choices of one family or the other changed."""
    configs = _configs(*sizes)
    changes = (gpt2 or {}, llama or {})
    return [
        weight_count(replace(config, **change))
        for config, change in zip(configs, changes, strict=True)
    ]


def _less(*sizes: int, gpt2: int = 0, llama: int = 0) -> list[int]:
    """Both counts, less these numbers."""
    right = [weight_count(config) for config in _configs(*sizes)]
    return [right[0] - gpt2, right[1] - llama]


@parameters.also_right
def _built_without_memory(*sizes: int) -> list[int]:
    with only_shapes():
        models = [GPT(config) for config in _configs(*sizes)]
    return [sum(p.numel() for p in model.parameters()) for model in models]


@parameters.also_right
def _by_the_course(*sizes: int) -> list[int]:
    return [weight_count(config) for config in _configs(*sizes)]


@parameters.also_right
def _shape_by_shape(
    vocab: int, context: int, n_layer: int, n_head: int, n_kv_head: int, d_model: int, d_mlp: int
) -> list[int]:
    found = []
    for d_kv, ups in ((d_model, 1), (d_model // n_head * n_kv_head, 2)):
        matrices = [(d_model, d_model)] * 2 + [(d_model, d_kv)] * 2
        matrices += [(d_model, d_mlp)] * ups + [(d_mlp, d_model)]
        shapes = matrices * n_layer + [(vocab, d_model)] + [(d_model, 1)] * (2 * n_layer + 1)
        if ups == 1:
            shapes += [(columns, 1) for _, columns in matrices] * n_layer
            shapes += [(d_model, 1)] * (2 * n_layer + 1) + [(context, d_model)]
        else:
            shapes += [(vocab, d_model)]
        found.append(sum(torch.Size(shape).numel() for shape in shapes))
    return found


@parameters.wrong(
    "How many matrices has attention? Four. Here W_O is missing, which brings the heads together; "
    "the documents forget it too."
)
def _output_matrix_forgotten(*sizes: int) -> list[int]:
    config, _ = _configs(*sizes)
    missing = config.n_layer * config.d_model**2
    return _less(*sizes, gpt2=missing, llama=missing)


@parameters.wrong(
    "Is GPT-2's unembedding another matrix? No, it is the embedding. Here it is counted twice."
)
def _embedding_twice(*sizes: int) -> list[int]:
    return _with(*sizes, gpt2={"tie_embedding": False})


@parameters.wrong(
    "Is Llama's unembedding another matrix? Yes, vocab x d_model once more. Here it is missing."
)
def _unembedding_forgotten(*sizes: int) -> list[int]:
    return _with(*sizes, llama={"tie_embedding": True})


@parameters.wrong("What is added to each product in GPT-2? A bias. Here the biases are missing.")
def _biases_forgotten(*sizes: int) -> list[int]:
    return _with(*sizes, gpt2={"attn_bias": False, "mlp_bias": False})


@parameters.wrong("Which matrices of GPT-2 have biases? All. Here those of attention have none.")
def _biases_of_attention_forgotten(*sizes: int) -> list[int]:
    return _with(*sizes, gpt2={"attn_bias": False})


@parameters.wrong(
    "Which matrices of GPT-2 have biases? All. Here those of the feed-forward layer have none."
)
def _biases_of_feed_forward_forgotten(*sizes: int) -> list[int]:
    return _with(*sizes, gpt2={"mlp_bias": False})


@parameters.wrong("Has Llama biases? No. Here it has those of GPT-2.")
def _biases_in_llama(*sizes: int) -> list[int]:
    return _with(*sizes, llama={"attn_bias": True, "mlp_bias": True})


@parameters.wrong("Does RoPE have weights? No, it turns by a formula. Only GPT-2 has a table.")
def _positions_in_llama(*sizes: int) -> list[int]:
    return _with(*sizes, llama={"position": "learned"})


@parameters.wrong("How does GPT-2 know positions? By a learned table, context x d_model.")
def _positions_forgotten(*sizes: int) -> list[int]:
    return _with(*sizes, gpt2={"position": "none"})


@parameters.wrong(
    "How many matrices has Llama's feed-forward layer? Three: gate, up and down. Here two."
)
def _two_matrices_in_llama(*sizes: int) -> list[int]:
    _, config = _configs(*sizes)
    return _less(*sizes, llama=config.n_layer * config.d_model * config.d_mlp)


@parameters.wrong("How many matrices has GPT-2's feed-forward layer? Two: up and down. Here three.")
def _three_matrices_in_gpt2(*sizes: int) -> list[int]:
    config, _ = _configs(*sizes)
    return _less(*sizes, gpt2=-config.n_layer * config.d_model * config.d_mlp)


@parameters.wrong(
    "How many of Llama's heads have keys and values? n_kv_head. Here as many as have queries."
)
def _kv_head_ignored(*sizes: int) -> list[int]:
    _, config = _configs(*sizes)
    return _with(*sizes, llama={"n_kv_head": config.n_head})


@parameters.wrong(
    "Are Llama's queries fewer too? No: queries and output have n_head heads. Only keys and values "
    "have n_kv_head."
)
def _all_heads_shared(*sizes: int) -> list[int]:
    _, config = _configs(*sizes)
    saved = 2 * config.d_model * (config.n_head - config.n_kv_head) * config.d_head
    return _less(*sizes, llama=config.n_layer * saved)


@parameters.wrong(
    "Whose heads share keys and values? Llama's. In GPT-2 each head has its own, n_head of them."
)
def _heads_shared_in_gpt2(*sizes: int) -> list[int]:
    _, config = _configs(*sizes)
    return _with(*sizes, gpt2={"n_kv_head": config.n_kv_head})


@parameters.wrong("Do norms have weights? A gain for each number, and in GPT-2 a shift. Here none.")
def _norms_forgotten(*sizes: int) -> list[int]:
    gpt2, llama = (weights_by_part(config)["norms"] for config in _configs(*sizes))
    return _less(*sizes, gpt2=gpt2, llama=llama)


@parameters.wrong("What stands behind the last block? One more norm. It is missing here.")
def _final_norm_forgotten(*sizes: int) -> list[int]:
    config, _ = _configs(*sizes)
    return _less(*sizes, gpt2=2 * config.d_model, llama=config.d_model)


@parameters.wrong("How many norms has a block? Two. This counts one for each.")
def _one_norm_in_a_block(*sizes: int) -> list[int]:
    config, _ = _configs(*sizes)
    missing = config.n_layer * config.d_model
    return _less(*sizes, gpt2=2 * missing, llama=missing)


@parameters.wrong("Has RMS norm a shift? No, a gain alone. Here Llama's norms have both.")
def _shift_in_rms_norm(*sizes: int) -> list[int]:
    return _with(*sizes, llama={"norm": "layernorm"})


@parameters.wrong("Has layer norm a gain alone? A shift as well. GPT-2's norms here have none.")
def _no_shift_in_layer_norm(*sizes: int) -> list[int]:
    return _with(*sizes, gpt2={"norm": "rmsnorm"})


@parameters.wrong("Is the feed-forward layer always four times as wide? Its width is d_mlp.")
def _always_four_times(*sizes: int) -> list[int]:
    config, _ = _configs(*sizes)
    wide = {"d_mlp": 4 * config.d_model}
    return _with(*sizes, gpt2=wide, llama=wide)


@parameters.wrong("How many blocks are there? n_layer. This counts a single one.")
def _one_block(*sizes: int) -> list[int]:
    return _with(*sizes, gpt2={"n_layer": 1}, llama={"n_layer": 1})


@parameters.wrong("Does a model have its embedding? It does, vocab x d_model. It is missing here.")
def _embedding_forgotten(*sizes: int) -> list[int]:
    config, _ = _configs(*sizes)
    missing = config.vocab_size * config.d_model
    return _less(*sizes, gpt2=missing, llama=2 * missing)


@parameters.wrong("Which number comes first? That of GPT-2's kind. Here they stand the other way.")
def _the_other_way_round(*sizes: int) -> list[int]:
    return _with(*sizes)[::-1]


@parameters.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[int, int, int, int, int, int, int]]:
    yield 7, 5, 1, 2, 1, 4, 12
    yield 7, 5, 2, 4, 2, 8, 12
    yield 50_257, 1024, 12, 12, 4, 768, 3072  # the first: GPT-2 small
    yield 32_000, 2048, 22, 32, 4, 2048, 5632
    for _ in range(14):
        vocab, context, n_layer, n_kv_head, group, half, d_mlp = (
            int(torch.randint(low, high, (1,), generator=rng))
            for low, high in ((20, 999), (9, 90), (2, 40), (1, 6), (2, 5), (1, 10), (10, 400))
        )
        n_head = n_kv_head * group
        yield vocab, context, n_layer, n_head, n_kv_head, 2 * half * n_head, d_mlp
