"""Files that a model writes: the same bytes again, of the length that the model's surprise says."""

import math

import numpy as np
import pytest
import torch

from utils.compression import model_file
from utils.compression.model_file import (
    coded,
    compressed,
    decoded,
    decompressed,
    stepwise_logits,
    token_bits,
    token_counts,
    token_ids,
)

TEXTS = (
    "A bridge is a question.",
    "Où est la gare ? 🚉 \n\tici",
    "aaaa",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_to_the_last_byte(smollm2, text):
    data = text.encode()
    assert decompressed(*smollm2, compressed(*smollm2, data)) == data


def test_the_file_is_as_long_as_the_surprise(smollm2):
    model, tok = smollm2
    text = "The sun rises in the east and sets in the west. Water boils at 100 degrees."
    file = compressed(model, tok, text.encode())
    ids = [tok.special["<|endoftext|>"], *tok.encode(text)]
    with torch.no_grad():
        log_p = model(torch.tensor([ids]))[0].double().log_softmax(-1)
    needed = -sum(float(log_p[i, id]) for i, id in enumerate(ids[1:])) / math.log(2) / 8
    assert needed < len(file) < needed + 3.5
    pieces, bits = token_bits(model, tok, text)
    assert "".join(pieces) == text
    assert float(bits.sum()) / 8 == pytest.approx(needed, rel=1e-3)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00no text", b"\x04\x06", bytes(range(256)), b"x"]
)
def test_what_is_no_text_or_not_made_shorter_is_kept_as_it_is(smollm2, data):
    file = compressed(*smollm2, data)
    assert file == b"\0" + data
    assert decompressed(*smollm2, file) == data


def test_bytes_without_a_token_are_no_text(smollm2):
    _, tok = smollm2
    assert token_ids(tok, b"\x04") is None  # valid UTF-8, and missing in this vocabulary
    assert token_ids(tok, b"\xc3") is None
    assert token_ids(tok, b"cat") == tok.encode("cat")


def test_long_counts_of_tokens_take_more_bytes_and_are_read_again():
    for number in (0, 1, 127, 128, 300, 2**14, 2**20 + 5):
        written = model_file._number(number)
        assert model_file._read_number(written + b"\x85rest") == (number, len(written))
    with pytest.raises(ValueError, match="ends within its first number"):
        model_file._read_number(b"\x80")


def test_a_reader_with_other_probabilities_reads_another_text(smollm2):
    model, tok = smollm2
    ids = tok.encode("The bakers fed them, the children carried water.")
    mark = tok.special["<|endoftext|>"]
    with torch.inference_mode():
        logits = model(torch.tensor([[mark, *ids[:-1]]]))[0]
    # far more than rounding: surely another table at the first token
    assert decoded(model, mark, coded(logits * 0.9, ids), len(ids)) != ids


def test_stepwise_logits_are_those_of_one_pass_up_to_rounding(smollm2):
    model, tok = smollm2
    ids = tok.encode("A river that drowned horses")
    once = model(torch.tensor([ids]))[0].detach()
    steps = torch.stack(list(stepwise_logits(model, iter(ids), len(ids))))
    assert torch.allclose(once, steps, atol=1e-2, rtol=1e-3)


@pytest.mark.parametrize("total", [200, 1000, 1 << 24])
def test_counts_are_at_least_one_and_add_up_to_at_most_the_total(total):
    rng = torch.Generator().manual_seed(total)
    logits = 6 * torch.randn(150, generator=rng)
    counts = token_counts(logits, total)
    assert counts.min() == 1 and total - 150 < counts.sum() <= total
    wanted = logits.double().softmax(-1).numpy() * (total - 150)
    assert np.all(np.abs(counts - 1 - wanted) <= 1)
    assert np.all(counts - 1 <= wanted)


def test_counts_need_room():
    with pytest.raises(ValueError, match="150 tokens cannot share 150 counts"):
        token_counts(torch.zeros(150), 150)


def test_an_empty_text_has_no_bits(smollm2):
    with pytest.raises(ValueError, match="the text is empty"):
        token_bits(*smollm2, "")
