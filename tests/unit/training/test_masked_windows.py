"""BERT's task: what is hidden, what is learned, and what two kinds of reader are asked."""

import pytest
import torch
from torch import nn

from utils.training.masked_windows import MaskedWindows, hide, masked_loss
from utils.training.small_reader import reading_of
from utils.training.two_readers import (
    MASK,
    guess_by_scoring,
    guess_from_the_left,
    guess_hidden,
    mask_id,
    new_model,
    unread_windows,
)

TOKENS = torch.arange(400) % 17


def test_the_hidden_are_a_share_and_nothing_else_is_changed():
    ids = torch.randint(17, (40, 50), generator=torch.Generator().manual_seed(0))
    changed, hidden = hide(ids, 17, torch.Generator().manual_seed(1), rate=0.3)
    assert (changed[hidden] == 17).all() and torch.equal(changed[~hidden], ids[~hidden])
    assert hidden.float().mean() == pytest.approx(0.3, abs=4 * (0.21 / 2000) ** 0.5)


def test_batches_are_windows_with_their_numbers():
    batches = MaskedWindows(TOKENS, length=12, batch_size=5, mask=17, seed=3)
    batch, again, next_one = batches[4], batches[4], batches[5]
    assert batch["ids"].shape == batch["targets"].shape == batch["learn"].shape == (5, 12)
    assert ((batch["targets"][:, 1:] - batch["targets"][:, :-1]) % 17 == 1).all()
    assert torch.equal(batch["learn"], batch["ids"] == 17)
    assert all(torch.equal(batch[name], again[name]) for name in batch)
    assert not torch.equal(batch["targets"], next_one["targets"])


class Table(nn.Module):
    """The same logits at a place, whatever is read."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, ids):
        return self.logits.expand(len(ids), -1, -1)


def test_only_the_hidden_count():
    logits = torch.randn(1, 12, 18, generator=torch.Generator().manual_seed(2))
    batch = MaskedWindows(TOKENS, 12, 5, mask=17, rate=0.4)[0]
    total, count = masked_loss(Table(logits), batch)
    expected = 0.0
    for row, place in batch["learn"].nonzero().tolist():
        right = batch["targets"][row, place]
        expected -= float(logits[0, place].log_softmax(dim=0)[right])
    assert count == int(batch["learn"].sum())
    assert float(total) == pytest.approx(expected, rel=1e-5)


TEXT = reading_of("abcd" * 60, "dcba" * 40, extra=MASK)


def test_both_kinds_begin_with_the_same_weights():
    gpt, bert = new_model("gpt", TEXT, 3), new_model("bert", TEXT, 3)
    for ours, theirs in zip(gpt.parameters(), bert.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    ids = unread_windows(TEXT, 2)
    changed = ids.clone()
    changed[:, -1] = (changed[:, -1] + 1) % 4
    assert torch.equal(gpt(ids)[:, 0], gpt(changed)[:, 0])
    assert not torch.equal(bert(ids)[:, 0], bert(changed)[:, 0])


def test_windows_are_of_the_unread_part():
    windows = unread_windows(TEXT, 6, seed=1)
    assert windows.shape == (6, 64)
    assert ((windows[:, 1:] - windows[:, :-1]) % 4 == 3).all()  # dcba and not abcd


def test_a_guess_sees_what_it_may_and_no_more():
    gpt, bert = new_model("gpt", TEXT, 0), new_model("bert", TEXT, 0)
    mask = mask_id(TEXT)
    ids = unread_windows(TEXT, 5)
    later = ids.clone()
    later[:, 40] = (later[:, 40] + 1) % 4
    left, hidden = guess_from_the_left(gpt, ids, 30), guess_hidden(bert, ids, 30, mask)
    assert torch.equal(left.losses, guess_from_the_left(gpt, later, 30).losses)
    assert not torch.equal(hidden.losses, guess_hidden(bert, later, 30, mask).losses)
    # the character itself is hidden: what is asked for may not change the logits
    logits = bert(ids.index_fill(1, torch.tensor([30]), mask))[:, 30]
    expected = nn.functional.cross_entropy(logits, ids[:, 30], reduction="none")
    torch.testing.assert_close(hidden.losses, expected)
    assert hidden.share_right == pytest.approx(
        float((logits.argmax(dim=1) == ids[:, 30]).float().mean())
    )


def test_scoring_is_bayes_rule():
    gpt = new_model("gpt", TEXT, 1)
    with torch.no_grad():
        for parameter in gpt.parameters():
            parameter.mul_(3)
    ids = unread_windows(TEXT, 2)[:, :9]
    found = guess_by_scoring(gpt, ids, 4)
    for row, window in enumerate(ids):
        joint = []
        for candidate in range(len(TEXT.characters)):
            tried = window.clone()
            tried[4] = candidate
            log_probs = gpt(tried[None])[0].log_softmax(dim=-1)
            joint.append(sum(log_probs[at, tried[at + 1]] for at in range(8)))
        joint = torch.stack(joint)
        expected = joint.logsumexp(dim=0) - joint[window[4]]
        torch.testing.assert_close(found.losses[row], expected, rtol=1e-4, atol=1e-4)
