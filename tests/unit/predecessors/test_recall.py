"""The recall task: its answers and distances by reading it as text; the models against torch."""

import pytest
import torch
from torch import nn

from utils import trace
from utils.predecessors.recall import (
    SYMBOLS,
    RecallTexts,
    answers,
    by_distance,
    distances,
    new_recaller,
    recall_loss,
    recall_texts,
    recalled,
    spelled,
)
from utils.predecessors.recurrent_model import RecurrentModel


def test_answers_and_distances_are_those_of_a_reader():
    texts = recall_texts(40, 5, torch.Generator().manual_seed(0))
    for ids, right, far in zip(texts[0], answers(texts), distances(texts), strict=True):
        symbols = spelled(ids).split()
        pairs = {pair[0]: place for place, pair in enumerate(symbols[:5])}
        assert len(pairs) == 5
        for place, question in enumerate(symbols[5:]):
            assert question[1] == "?"
            shown = pairs[question[0]]
            assert int(symbols[shown][1]) == right[place]
            assert 5 + place - shown == far[place]


def test_batches_have_numbers_and_seeds():
    one, again = RecallTexts(4, seed=2)[7], RecallTexts(4, seed=2)[7]
    assert torch.equal(one["ids"], again["ids"]) and torch.equal(one["answers"], again["answers"])
    assert not torch.equal(one["ids"], RecallTexts(4, seed=2)[8]["ids"])
    assert not torch.equal(one["ids"], RecallTexts(4, seed=3)[7]["ids"])


class Reader(nn.Module):
    """Knows every answer, or with `shift` another one."""

    def __init__(self, shift=0):
        super().__init__()
        self.shift = shift

    def forward(self, ids):
        logits = torch.zeros(*ids.shape, len(SYMBOLS))
        for row, text in enumerate(ids):
            known = {}
            for place, symbol in enumerate(spelled(text).split()):
                if symbol[1] == "?":
                    logits[row, place, (known[symbol[0]] + self.shift) % 10] = 3.0
                else:
                    known[symbol[0]] = int(symbol[1])
        return logits


def test_one_who_knows_is_right_and_one_who_errs_is_not():
    texts = recall_texts(20, 3, torch.Generator().manual_seed(1))
    assert recalled(Reader(), texts).all() and not recalled(Reader(shift=1), texts).any()
    batch = {"ids": texts[0], "answers": answers(texts)}
    low, count = recall_loss(Reader(), batch)
    high, _ = recall_loss(Reader(shift=1), batch)
    assert count == 60
    assert float(high - low) == pytest.approx(3.0 * 60, rel=1e-4)


def test_shares_by_distance():
    right = torch.tensor([[True, False], [True, True]])
    assert by_distance(right, torch.tensor([[1, 3], [3, 1]])) == {1: 1.0, 3: 0.5}


@pytest.mark.parametrize(("kind", "cell"), [("rnn", nn.RNNCell), ("lstm", nn.LSTMCell)])
def test_a_recurrent_model_steps_as_torchs_cell_does(kind, cell):
    torch.manual_seed(0)
    model, one = RecurrentModel(kind, 11, size=6), cell(6, 6)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    one.load_state_dict({n: model.recurrent.get_parameter(f"{n}_l0") for n in names})
    ids = torch.randint(11, (3, 5))
    state = None
    for place in range(5):
        state = one(model.embed(ids[:, place]), state)
        h = state[0] if kind == "lstm" else state
        expected = model.unembed(h)
        torch.testing.assert_close(model(ids)[:, place], expected, rtol=1e-5, atol=1e-6)


def test_new_recallers_leave_the_callers_numbers_alone_and_have_one_budget():
    state = torch.get_rng_state()
    sizes = []
    for kind in ("rnn", "lstm", "attention"):
        model, other = new_recaller(kind, 8, seed=1), new_recaller(kind, 8, seed=1)
        for p, q in zip(model.parameters(), other.parameters(), strict=True):
            assert torch.equal(p, q)
        sizes.append(sum(p.numel() for p in model.parameters()))
    assert torch.equal(state, torch.get_rng_state())
    assert max(sizes) / min(sizes) < 1.3
    with trace(new_recaller("attention", 8, seed=1)) as seen:
        assert "blocks.1.attn.pattern" in seen.names()
