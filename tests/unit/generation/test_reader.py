"""A reader gives the logits that the model gives for the whole text, and reads only what is new."""

import pytest
import torch
from small_gpt import small_gpt

from utils.generation.reader import Reader

TEXTS = [
    [1, 2, 3],
    [1, 2, 3],  # again
    [1, 2, 3, 4, 5],  # goes on
    [1, 2, 6, 0],  # parts from it
    [1, 2],  # a beginning of it
    [5],  # nothing in common
    [5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],  # the whole context
]
READ = [3, 1, 2, 2, 1, 1, 11]


@pytest.mark.parametrize("position", ["learned", "rope"])
def test_logits_are_those_of_the_whole_text(position):
    model = small_gpt(seed=1, position=position)
    reader = Reader(model)
    for ids, new in zip(TEXTS, READ, strict=True):
        before = reader.tokens_read
        with torch.no_grad():
            expected = model(torch.tensor([ids]))[0, -1]
        assert torch.allclose(reader.next_logits(ids), expected, atol=1e-5)
        assert reader.tokens_read - before == new


def test_what_was_given_is_kept_as_a_copy():
    reader, ids = Reader(small_gpt(seed=2)), [1, 2, 3]
    reader.next_logits(ids)
    ids[0] = 5
    expected = Reader(small_gpt(seed=2)).next_logits([5, 2, 3])
    assert torch.allclose(reader.next_logits(ids), expected, atol=1e-6)


def test_an_id_that_is_refused_spoils_nothing():
    reader = Reader(small_gpt(seed=3))
    expected = reader.next_logits([1, 2, 3, 4])
    with pytest.raises(ValueError, match="ids"):
        reader.next_logits([1, 2, 99])
    assert torch.allclose(reader.next_logits([1, 2, 3, 4]), expected, atol=1e-6)


@pytest.mark.parametrize(("max_pos", "length"), [(2048, 0), (2048, 13), (4, 5)])
def test_a_text_that_does_not_fit_is_refused(max_pos, length):
    reader = Reader(small_gpt(), max_pos)
    with pytest.raises(ValueError, match=f"{length} tokens was given; this reader takes 1 to"):
        reader.next_logits([1] * length)


def test_the_compiled_way_gives_the_same_on_the_real_model(smollm2):
    model, tok = smollm2
    ids = tok.encode("Question: What is 12 times 9?\nCALC(12*9)=")
    with torch.inference_mode():
        expected = model(torch.tensor([ids]))[0, len(ids) // 2 :]
    reader = Reader(model, 64)
    with reader.writing(64):
        got = [reader.next_logits(ids[: end + 1]) for end in range(len(ids) // 2, len(ids))]
    assert torch.allclose(torch.stack(got), expected, atol=1e-2)
    assert reader.tokens_read == len(ids)
