import pytest
import torch
from small_gpt import small_gpt
from torch.testing import assert_close

from utils.training.batch_loss import next_token_loss
from utils.training.fine_tuning_batches import Examples
from utils.training.packed_rows import (
    EMPTY,
    chunks,
    pack_rows,
    packed_logits,
    packed_loss,
)

EXAMPLES = [
    ([1, 2, 3], [False, False, True]),
    ([4, 5], [True, True]),
    ([6, 1, 2, 3, 4], [False, True, True, False, True]),
    ([3, 3], [False, True]),
]


def test_every_example_is_whole_and_rows_are_full_first():
    rows = pack_rows(EXAMPLES, 7)
    assert rows.ids.shape == (2, 7)
    for number, (ids, learn) in enumerate(EXAMPLES):
        mine = rows.owner == number
        assert rows.ids[mine].tolist() == ids
        assert rows.learn[mine].tolist() == [False, *learn[1:]]
        assert rows.place[mine].tolist() == list(range(len(ids)))
    assert rows.filled == pytest.approx(12 / 14)
    assert not rows.learn[rows.owner == EMPTY].any()


@pytest.mark.parametrize("position", ["learned", "rope", "sinusoid"])
def test_a_packed_example_gets_the_logits_that_it_gets_alone(position):
    model, rows = small_gpt(1, position), pack_rows(EXAMPLES, 8)
    with torch.no_grad():
        logits = packed_logits(model, rows.ids, rows.owner, rows.place)
        for number, (ids, _) in enumerate(EXAMPLES):
            alone = model(torch.tensor([ids]))[0]
            assert_close(logits[rows.owner == number], alone, rtol=1e-4, atol=1e-5)
        everybody = model(rows.ids)  # what plain causal attention makes of the row
    second = (rows.owner != rows.owner[:, :1]) & (rows.owner != EMPTY)
    assert (everybody[second] - logits[second]).abs().max() > 0.01


def test_the_loss_is_that_of_the_padded_examples():
    model, rows = small_gpt(2, "rope"), pack_rows(EXAMPLES, 7)
    total, count = packed_loss(model, rows.batch())
    expected, targets = next_token_loss(model, Examples(EXAMPLES, len(EXAMPLES))[0])
    assert count == targets == 6
    assert float(total) == pytest.approx(float(expected), rel=1e-4)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="the longest of 5 tokens, for rows of 4"):
        pack_rows(EXAMPLES, 4)
    with pytest.raises(ValueError, match="at least one"):
        pack_rows([], 4)


@pytest.mark.parametrize(("length", "count"), [(3, 3), (4, 2), (9, 1)])
def test_chunks_are_the_stream_and_the_stream_one_later(length, count):
    texts = [[1, 2, 3], [4], [5, 6, 2]]
    stream = [1, 2, 3, 9, 4, 9, 5, 6, 2, 9]
    ids, targets = chunks(texts, 9, length)
    assert ids.shape == targets.shape == (count, length)
    assert ids.flatten().tolist() == stream[: count * length]
    assert targets.flatten().tolist() == stream[1 : count * length + 1]


def test_too_little_text_for_a_chunk():
    assert chunks([[1, 2]], 9, 2)[1].tolist() == [[2, 9]]
    with pytest.raises(ValueError, match="do not fill one chunk of 3"):
        chunks([[1, 2]], 9, 3)
