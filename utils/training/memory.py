"""How much memory training takes: the state (weights, gradients, what the optimizer keeps), and the
activations that wait for the backward pass.
"""

import math
from dataclasses import dataclass

from utils.model.config import GPTConfig

# What a team of GPUs shares out instead of each holding all of it: ZeRO's stages 1, 2 and 3
# (Rajbhandari et al. 2020, arXiv:1910.02054).
SHARED_OUT: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "optimizer": ("optimizer",),
    "optimizer and gradients": ("optimizer", "gradients"),
    "everything": ("optimizer", "gradients", "weights"),
}
# Bytes for each weight. With AdamW the optimizer keeps two moments in float32; in mixed precision,
# where the products read 16-bit weights, it keeps the exact weights in float32 as well.
_BYTES: dict[str, dict[str, int]] = {
    "float32": {"weights": 4, "gradients": 4, "optimizer": 8},
    "mixed": {"weights": 2, "gradients": 2, "optimizer": 12},
}


@dataclass(frozen=True)
class StateBytes:
    """The bytes on one GPU that do not depend on the batch."""

    weights: int
    gradients: int
    optimizer: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.weights + self.gradients + self.optimizer


def state_bytes(
    n_weights: int,
    precision: str = "mixed",
    gpus: int = 1,
    shared_out: str = "nothing",
) -> StateBytes:
    """What AdamW's training of `n_weights` weights holds on each of `gpus`, which share out some of
    it evenly.

    precision: "float32" or "mixed". shared_out: a key of SHARED_OUT. Raises ValueError for a
    precision or a way of sharing that there is not, and for fewer than one GPU.
    """
    if precision not in _BYTES or shared_out not in SHARED_OUT:
        raise ValueError(
            f"precision is {precision!r} and shared_out {shared_out!r}; choose from "
            f"{', '.join(map(repr, _BYTES))} and from {', '.join(map(repr, SHARED_OUT))}."
        )
    if gpus < 1:
        raise ValueError(f"gpus is {gpus}; give 1 or more.")
    shares = {part: gpus if part in SHARED_OUT[shared_out] else 1 for part in _BYTES[precision]}
    parts = {
        part: math.ceil(number * n_weights / shares[part])
        for part, number in _BYTES[precision].items()
    }
    return StateBytes(**parts)


# what enters the activation function and what leaves it; ReLU needs the second alone, SwiGLU has two
# factors more
_MLP_WIDTHS_KEPT = {"swiglu": 4, "gelu": 2, "gelu_exact": 2, "relu": 1}


def activations_per_token(config: GPTConfig, context: int, patterns: bool = False) -> int:
    """How many numbers one block keeps for the backward pass, for each token of a text of `context`
    tokens.

    As torch keeps them, operation by operation: what enters each product and each activation
    function, and what each norm has read. `patterns`: also the attention patterns, as without a
    fused kernel.
    """
    d_queries, d_keys = config.n_head * config.d_head, config.n_kv_head * config.d_head
    layer_norm = config.norm == "layernorm"
    norm = 2 * config.d_model + 2 if layer_norm else 3 * config.d_model + 1
    # queries, keys and values, what was gathered, and of each query the sum of its softmax
    attention = 2 * d_queries + 2 * d_keys + config.n_head
    if patterns:
        # keys and values are repeated for each head; the sum is no longer needed
        attention = 4 * d_queries + config.n_head * context
    feed_forward = _MLP_WIDTHS_KEPT[config.activation] * config.d_mlp
    return 2 * norm + attention + feed_forward


def _kept_in_32_bits(config: GPTConfig, patterns: bool) -> int:
    """How many of those numbers have 32 bits also where the model computes in 16.

    RMSNorm computes in float32, for accuracy, and torch's fused kernel keeps its sums in it.
    """
    norm = 0 if config.norm == "layernorm" else 2 * config.d_model + 1
    return 2 * norm + (0 if patterns else config.n_head)


def activation_bytes(
    config: GPTConfig,
    batch: int,
    context: int,
    bytes_per_number: int = 2,
    recompute: bool = False,
    patterns: bool = False,
) -> int:
    """The bytes that the blocks keep for the backward pass of `batch` texts of `context` tokens.

    `bytes_per_number`: 4 in float32, 2 in bfloat16, where a part takes 4 all the same. `recompute`:
    with activation checkpointing of each block, which keeps what enters it, and during the backward
    pass the inside of one block at a time.
    """
    longer = (4 - bytes_per_number) * _kept_in_32_bits(config, patterns)
    inside = bytes_per_number * activations_per_token(config, context, patterns) + longer
    entering = bytes_per_number * config.d_model
    in_all = config.n_layer * entering + inside if recompute else config.n_layer * inside
    return batch * context * in_all


def kv_cache_bytes_per_token(config: GPTConfig, bytes_per_number: int = 2) -> int:
    """What each token adds to the KV cache of chapter 22, when the model writes: a key and a value
    for each key/value head in each layer.
    """
    return 2 * config.n_layer * config.n_kv_head * config.d_head * bytes_per_number
