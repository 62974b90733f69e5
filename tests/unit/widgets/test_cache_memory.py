"""The explorer of a cache's memory: it begins with a text that the model can read, and follows its
controls.
"""

import re

from utils.widgets.cache_memory import cache_memory_explorer

MODELS = {"small": (2, 6, 3, 5, 4096), "large": (7, 8, 8, 11, 131_072)}


def bytes_per_token(layers, kv_heads, d_head, number):
    return 2 * layers * kv_heads * d_head * number


def alt_of(picture):
    return re.search(r'alt="([^"]*)"', picture.value)[1]


def test_it_begins_with_a_text_that_the_model_can_read():
    controls, picture = cache_memory_explorer(MODELS, bytes_per_token, first="small").children
    # 2 * 2 layers * 3 heads * 5 dimensions * 2 bytes * 4,096 tokens
    assert alt_of(picture) == (
        "small: 1 conversation of 4,096 tokens: the cache takes 492 kB; with as many key/value "
        "heads as heads 983 kB."
    )
    assert [control.description for control in controls.children] == [
        "model",
        "tokens",
        "people",
        "numbers of",
    ]


def test_the_picture_follows_and_says_what_a_model_cannot_read():
    controls, picture = cache_memory_explorer(MODELS, bytes_per_token, first="large").children
    name, tokens, people, number = controls.children
    name.value, tokens.value, people.value, number.value = "small", 8192, 3, 4
    # 2 * 2 * 3 * 5 * 4 * 8,192 * 3
    assert "3 conversations of 8,192 tokens: the cache takes 5.9 MB" in alt_of(picture)
    assert "It can read only 4,096 tokens." in alt_of(picture)
