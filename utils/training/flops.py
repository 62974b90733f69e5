"""How much arithmetic training takes, in FLOPs: floating-point operations, a multiplication and an
addition each counted as one.

Only matrix products count; everything else (norms, softmax, activations) is done number by number,
which is little beside them. The formulas give what torch's FlopCounterMode counts where attention
is computed step by step, which the tests hold them to.
"""

from utils.model.config import GPTConfig
from utils.model.weight_counts import block_matrix_weights, matrix_weights


def matmul_flops(rows: int, inner: int, columns: int) -> int:
    """FLOPs of a product (rows, inner) x (inner, columns)."""
    return 2 * rows * inner * columns


def attention_flops_per_token(config: GPTConfig, context: int) -> int:
    """FLOPs of a token's scores and of mixing the values, in all layers: what grows with `context`,
    the number of tokens that it is compared with.

    In training each token is compared with the whole context: the hidden half is computed too.
    """
    scores = matmul_flops(1, config.d_head, context)
    mixing = matmul_flops(1, context, config.d_head)
    return config.n_layer * config.n_head * (scores + mixing)


def forward_flops_per_token(config: GPTConfig, context: int) -> int:
    """FLOPs of the forward pass for one token of a text of `context` tokens."""
    return 2 * matrix_weights(config) + attention_flops_per_token(config, context)


def training_flops_per_token(config: GPTConfig, context: int, recompute: bool = False) -> int:
    """FLOPs of forward and backward pass for one token of a text of `context` tokens.

    The backward pass takes twice the forward pass: from the gradient of a product's result come
    those of both factors, each by a product of the same size. `recompute`: with activation
    checkpointing of each block (utils.training.activation_checkpointing), which computes the block
    again, but for its last product: torch stops as soon as it has what the backward pass asks for.
    """
    flops = 3 * forward_flops_per_token(config, context)
    if recompute:
        again = block_matrix_weights(config) - config.d_model * config.d_mlp
        flops += 2 * config.n_layer * again + attention_flops_per_token(config, context)
    return flops


def training_flops(n_weights: float | int, n_tokens: float | int, recompute: bool = False) -> float:
    """The rule of thumb: 6 FLOPs for each weight and token, or 8 if the forward pass is done twice.

    Kaplan et al. 2020, arXiv:2001.08361, section 2.1. It leaves out what attention adds with the
    length of the text, see `attention_flops_per_token`.
    """
    return float((8 if recompute else 6) * n_weights * n_tokens)
