"""The explorer of compression: the numbers of one's own text, only on a click, and sentences for
what cannot be compressed.
"""

import re

import pytest

from utils.compression.model_file import token_bits
from utils.compression.usual_compressors import sizes
from utils.widgets import compression_explorer as module
from utils.widgets.compression_explorer import compression_explorer, text_picture


def test_the_picture_has_the_bits_of_each_token_and_the_bytes_of_all(smollm2):
    text = "Paris is the capital of <France>."
    html = text_picture(*smollm2, text)
    pieces, bits = token_bits(*smollm2, text)
    shown = [int(n) for n in re.findall(r"font-size:12px\">(\d+)<", html)]
    assert shown == [round(one) for one in bits.tolist()] and len(shown) == len(pieces)
    alt = re.search(r'alt="([^"]*)"', html)[1]
    assert f"as it is {len(text.encode())}" in alt
    assert f"zlib {sizes(text.encode())['zlib']}" in alt
    in_bytes = float(bits.sum()) / 8
    assert in_bytes <= int(re.search(r"SmolLM2 (\d+)", alt)[1]) < in_bytes + 1


def test_a_new_text_waits_for_the_button(monkeypatch, smollm2):
    read = []
    monkeypatch.setattr(module, "text_picture", lambda model, tok, text: read.append(text) or text)
    box = compression_explorer(*smollm2, "first")
    row, picture = box.children
    field, button = row.children
    assert read == ["first"]
    field.value = "second"
    assert read == ["first"]
    button.click()
    assert read == ["first", "second"] and picture.value == "second"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "the text is empty"), ("x" * 1501, "has 1,501 characters; type at most 1,500")],
)
def test_what_cannot_be_compressed_is_told_in_a_sentence(smollm2, text, sentence):
    row, picture = compression_explorer(*smollm2, "a").children
    field, button = row.children
    field.value = text
    button.click()
    assert sentence in picture.value and "<img" not in picture.value
