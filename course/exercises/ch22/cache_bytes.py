"""Exercise 22.5: how many bytes the KV cache of one text takes."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "22.5",
    minutes=5,
    hints=(
        "What is kept for each token, in each layer? The key and the value of each head, so that "
        "they need not be computed again. How many numbers is one key?",
        "A key has d_head numbers, and a value has as many. Multiply by the number of heads that "
        "have keys and values, by the layers and by the tokens.",
        "Two (key and value) times layers times heads times d_head times tokens is how many "
        "numbers there are. Each takes bytes_per_number bytes.",
    ),
)
def cache_bytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    """How many bytes the KV cache of one text takes.

    Each layer keeps one key and one value for each token and each of its key-value
    heads.

    n_layer: the number of layers.
    n_kv_head: how many heads a layer has keys and values for. With grouped queries
        there are fewer of them than query heads.
    d_head: how many numbers one key has, and one value.
    n_tokens: the tokens that the cache holds.
    bytes_per_number: 2 for bfloat16, 4 for float32.
    Returns the number of bytes, a whole number.
    """
    numbers = 2 * n_layer * n_kv_head * d_head * n_tokens  # 2: keys and values
    return numbers * bytes_per_number


@cache_bytes.also_right
def _product_of_all(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return math.prod([n_layer, n_kv_head, d_head, n_tokens, bytes_per_number]) * 2


@cache_bytes.also_right
def _counted_from_empty_tensors(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    # a shape without memory behind it
    keys = torch.empty(n_layer, n_kv_head, n_tokens, d_head, device="meta")
    values = torch.empty_like(keys)
    return (keys.numel() + values.numel()) * bytes_per_number


@cache_bytes.also_right
def _layer_by_layer(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    total = 0
    for _ in range(n_layer):
        keys = n_kv_head * n_tokens * d_head * bytes_per_number
        total += keys + keys  # the values take as much
    return total


@cache_bytes.also_right
def _bytes_for_a_token_first(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    d_keys = n_kv_head * d_head
    return int(np.int64(d_keys + d_keys) * bytes_per_number * n_layer) * n_tokens


@cache_bytes.wrong("What is kept for each token? A key and a value. This counts one of the two.")
def _keys_alone(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return n_layer * n_kv_head * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "Does anybody ask for an old query again? A token's query is used once, when it comes. Only "
    "keys and values are kept; this counts three."
)
def _queries_kept_too(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 3 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "Bits or bytes? bytes_per_number is in bytes already, and so is the answer. This counts bits."
)
def _bits_for_bytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number * 8


@cache_bytes.wrong(
    "Is bytes_per_number in bits? It is not, as its name says: nothing has to be divided by eight."
)
def _divided_by_eight(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number // 8


@cache_bytes.wrong(
    "Does the cache grow with the square of the tokens? Each token adds the same: one key, one "
    "value."
)
def _square_of_the_tokens(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens**2 * bytes_per_number


@cache_bytes.wrong(
    "What is kept: the attention patterns? These have a number for each pair of tokens. The cache "
    "holds the keys and values that patterns are made from."
)
def _patterns_kept(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return n_layer * n_kv_head * n_tokens**2 * bytes_per_number


@cache_bytes.wrong("How many layers keep something? All of them. This is the cache of one layer.")
def _one_layer(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_kv_head * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "Do the heads share one key? Each key-value head has its own: n_kv_head is missing."
)
def _one_head(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * d_head * n_tokens * bytes_per_number


@cache_bytes.wrong("Is a key a single number? It is a vector of d_head of them, and so is a value.")
def _keys_of_one_number(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "For how many tokens? This is what one token adds to the cache: n_tokens is missing."
)
def _one_token(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * bytes_per_number


@cache_bytes.wrong("Numbers or bytes? This counts numbers. Each takes bytes_per_number bytes.")
def _numbers_counted(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens


@cache_bytes.wrong(
    "Does every model keep float32? It is not always four bytes: read it from bytes_per_number."
)
def _always_float32(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * 4


@cache_bytes.wrong(
    "Does every model keep 16-bit numbers? It is not always two bytes: read it from "
    "bytes_per_number."
)
def _always_two_bytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * 2


@cache_bytes.wrong(
    "How long is a key? d_head numbers, and there are n_kv_head keys: multiply the two once. This "
    "squares their product, as if the matrices that make the keys were kept."
)
def _matrices_counted(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * (n_kv_head * d_head) ** 2 * n_tokens * bytes_per_number


@cache_bytes.wrong(
    "How many tokens does the cache hold? n_tokens, the last one included: none has to be taken "
    "off."
)
def _last_token_left_out(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * (n_tokens - 1) * bytes_per_number


@cache_bytes.wrong(
    "Is d_head shared out among the heads? It is the length of one head's key already: do not "
    "divide by n_kv_head."
)
def _d_head_shared_out(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * d_head // n_kv_head * n_tokens * bytes_per_number


@cache_bytes.wrong("In which unit is the answer? In bytes. This is divided down to kilobytes.")
def _kilobytes(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * n_layer * n_kv_head * d_head * n_tokens * bytes_per_number // 1024


@cache_bytes.wrong(
    "Do the layers add to the heads? Each layer has all of its heads: every factor multiplies, and "
    "none is added."
)
def _layers_and_heads_added(
    n_layer: int, n_kv_head: int, d_head: int, n_tokens: int, bytes_per_number: int
) -> int:
    return 2 * (n_layer + n_kv_head) * d_head * n_tokens * bytes_per_number


@cache_bytes.inputs
def _models(rng: torch.Generator) -> Iterator[tuple[int, int, int, int, int]]:
    yield 1, 1, 3, 5, 4
    yield 3, 2, 4, 1, 2
    yield 30, 3, 64, 2048, 4  # SmolLM2-135M
    yield 12, 12, 64, 1024, 4  # GPT-2
    yield 32, 8, 128, 4096, 2  # an 8B model with grouped queries
    for bytes_per_number in (1, 2, 4, 8):
        for most in (9, 40, 90):
            n_layer, n_kv_head, d_head, n_tokens = torch.randint(
                2, most, (4,), generator=rng
            ).tolist()
            yield n_layer, n_kv_head, d_head, n_tokens * 3, bytes_per_number
