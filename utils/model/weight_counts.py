"""How many weights a model has, by part, worked out from its sizes: nothing is built."""

from utils.model.config import GPTConfig


def weights_by_part(config: GPTConfig) -> dict[str, int]:
    """The weights (parameters) of all layers together, by what they belong to.

    "positions" is 0 without learned ones, and "unembedding" is 0 where it is the embedding's own
    matrix.
    """
    d_model, n_layer = config.d_model, config.n_layer
    positions = config.context_length * d_model if config.position == "learned" else 0
    return {
        "embedding": config.vocab_size * d_model,
        "positions": positions,
        "attention": n_layer * _attention(config),
        "feed-forward": n_layer * _feed_forward(config),
        "norms": (2 * n_layer + 1) * _norm(config),
        "unembedding": 0 if config.tie_embedding else config.vocab_size * d_model,
    }


def weight_count(config: GPTConfig) -> int:
    """All weights of a model with this config."""
    return sum(weights_by_part(config).values())


def matrix_weights(config: GPTConfig) -> int:
    """The weights that each token is multiplied by: the matrices of all layers, and the unembedding.

    Biases and norms are added or scaled with, and of the embedding a row is looked up.
    """
    unembedding = config.vocab_size * config.d_model
    return config.n_layer * block_matrix_weights(config) + unembedding


def block_matrix_weights(config: GPTConfig) -> int:
    """The weights of one block's matrices."""
    return _attention_matrices(config) + _feed_forward_matrices(config)


def _attention_matrices(config: GPTConfig) -> int:
    d_queries, d_keys = config.n_head * config.d_head, config.n_kv_head * config.d_head
    return config.d_model * (2 * d_queries + 2 * d_keys)  # query and output, key and value


def _attention(config: GPTConfig) -> int:
    d_queries, d_keys = config.n_head * config.d_head, config.n_kv_head * config.d_head
    biases = d_queries + 2 * d_keys + config.d_model if config.attn_bias else 0
    return _attention_matrices(config) + biases


def _feed_forward_matrices(config: GPTConfig) -> int:
    matrices = 3 if config.activation == "swiglu" else 2
    return matrices * config.d_model * config.d_mlp


def _feed_forward(config: GPTConfig) -> int:
    into = 2 if config.activation == "swiglu" else 1
    biases = into * config.d_mlp + config.d_model if config.mlp_bias else 0
    return _feed_forward_matrices(config) + biases


def _norm(config: GPTConfig) -> int:
    return 2 * config.d_model if config.norm == "layernorm" else config.d_model
