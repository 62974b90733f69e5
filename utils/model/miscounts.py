"""Counts of a model's weights that are off by a typical mistake, each with its name: so that a wrong
number tells what was forgotten.
"""

from dataclasses import replace

from utils.model.config import GPTConfig
from utils.model.weight_counts import weight_count, weights_by_part


def miscounts(config: GPTConfig) -> dict[str, int]:
    """What comes out with each mistake, and under "right" what is right. Mistakes that cannot be
    made with this config are left out.
    """
    right = weight_count(config)
    found = {name: count for name, count in _all(config).items() if count != right}
    return {"right": right} | found


def recognised(config: GPTConfig, number: int, within: float = 0.0) -> list[str]:
    """The names of the counts that give this number; `within`: as a share of it, for numbers that
    were rounded.
    """
    return [
        name
        for name, count in miscounts(config).items()
        if abs(count - number) <= within * abs(number)
    ]


def _all(config: GPTConfig) -> dict[str, int]:
    right, parts = weight_count(config), weights_by_part(config)
    table, blocks = config.vocab_size * config.d_model, config.n_layer
    matrix = config.d_model * config.d_mlp
    gated = config.activation == "swiglu"
    counts = {
        "W_O forgotten": right - blocks * config.d_model * config.n_head * config.d_head,
        "no biases": weight_count(replace(config, attn_bias=False, mlp_bias=False)),
        "biases that it has not": weight_count(replace(config, attn_bias=True, mlp_bias=True)),
        "no norms": right - parts["norms"],
        "no final norm": right - parts["norms"] // (2 * blocks + 1),
        "no positions": right - parts["positions"],
        "a table of positions": weight_count(replace(config, position="learned")),
        "keys and values for every head": weight_count(replace(config, n_kv_head=config.n_head)),
    }
    if config.tie_embedding:
        counts["no embedding"] = right - table
        counts["the embedding twice"] = right + table
    else:
        counts["no unembedding"] = right - table
    if gated:
        counts["two matrices for three"] = right - blocks * matrix
    else:
        counts["three matrices for two"] = right + blocks * matrix
    return counts
