"""Nets that learn to copy: their texts, what is read off them, and the look that is taken away."""

import math

import pytest
import torch

from utils.model.taps import trace
from utils.predecessors.induction_birth import (
    LENGTH,
    LONGEST,
    SHORTEST,
    VOCAB,
    RepeatedSegments,
    far_texts,
    new_attention_net,
    read,
    share_right,
    texts_to_test,
    watch_training,
    without_look,
)


def period_of(row):
    """The shortest period of a text, found by trying."""
    return next(p for p in range(1, len(row)) if row[p:] == row[:-p])


def test_texts_are_segments_over_and_over_of_all_lengths():
    batches = RepeatedSegments(batch_size=200, seed=3)
    ids = batches[4]["ids"]
    assert ids.shape == (200, LENGTH) and ids.min() >= 0 and ids.max() < VOCAB
    periods = {period_of(row) for row in ids.tolist()}
    assert periods == set(range(SHORTEST, LONGEST + 1))
    assert torch.equal(ids, batches[4]["ids"]) and not torch.equal(ids, batches[5]["ids"])
    assert not torch.equal(ids, RepeatedSegments(batch_size=200, seed=2)[4]["ids"])


def test_far_copies_lie_as_far_apart_as_is_said():
    ids = far_texts(texts=5, distance=31, segment=9)
    assert ids.shape == (5, 40)
    for row in ids.tolist():
        assert row[31:] == row[:9] and len(set(row[:31])) == 31


def by_hand(net, ids):
    """Losses of the first and of the second copy, and the share right, token by token."""
    period = ids.shape[1] // 2
    first, second, right = [], [], []
    for row in ids:
        for place in range(1, len(row)):
            logits = net(row[None, :place])[0, -1]
            loss = float(-logits.log_softmax(dim=0)[row[place]])
            if place < period:
                first.append(loss)
            elif place > period:  # nothing says that the second copy begins
                second.append(loss)
                right.append(int(logits.argmax()) == row[place])
    return [sum(values) / len(values) for values in (first, second, right)]


@torch.no_grad()
def test_a_reading_is_that_of_each_token_by_itself():
    net = watch_training(new_attention_net(2, seed=1), 30, every=30, seed=1).nets[-1]
    ids = texts_to_test(texts=3, period=7)
    found = read(net, ids, step=5)
    first, second, right = by_hand(net, ids)
    assert found.step == 5
    assert (found.first, found.second) == (pytest.approx(first), pytest.approx(second))
    assert found.right == pytest.approx(right)
    with trace(net) as t:
        net(ids[:1])
    pattern = t["blocks.1.attn.pattern"][0]  # (head, query, key)
    behind = torch.stack([pattern[:, query, query - 6] for query in range(7, 13)]).mean(dim=0)
    alone = read(net, ids[:1])
    torch.testing.assert_close(alone.induction[1], behind)
    before = torch.stack([pattern[:, query, query - 1] for query in range(1, 13)]).mean(dim=0)
    torch.testing.assert_close(alone.previous[1], before)


@torch.no_grad()
def test_the_share_right_of_the_last_tokens():
    net, ids = new_attention_net(1, seed=2), far_texts(texts=40)
    net.unembed.weight.zero_()
    net.unembed.weight[int(ids[0, -1])] = 1e-3 * net.final_norm.weight
    likeliest = net(ids[:, :-1])[:, -3:].argmax(dim=-1)
    expected = (likeliest == ids[:, -3:]).float().mean()
    assert share_right(net, ids, last=3) == pytest.approx(float(expected))
    assert expected > 0


@torch.no_grad()
@pytest.mark.parametrize("distance", [0, 1, 2, 6])
def test_one_look_is_taken_away_and_no_other(distance):
    net, ids = new_attention_net(2, seed=1), texts_to_test(texts=2, period=5)
    with trace(net) as whole:
        net(ids)
    with trace(net) as t, without_look(net, 0, distance):
        net(ids)
    old, new = (seen["blocks.0.attn.pattern"] for seen in (whole, t))
    for query in range(ids.shape[1]):
        for key in range(query + 1):
            expected = 0 * old if query - key == distance else old
            assert torch.equal(new[:, :, query, key], expected[:, :, query, key])


def test_a_training_is_looked_at_from_first_to_last_step():
    torch.manual_seed(7)
    expected_next = torch.rand(2)
    torch.manual_seed(7)
    net = new_attention_net(2, seed=3)
    birth = watch_training(net, 7, every=3, seed=3)
    assert torch.equal(torch.rand(2), expected_next)
    assert [one.step for one in birth.readings] == [0, 3, 6, 7] and len(birth.nets) == 4
    assert birth.readings[0].second == pytest.approx(math.log(VOCAB), rel=0.1)
    again = read(birth.nets[1], texts_to_test(), step=3)
    assert again.second == birth.readings[1].second  # the nets are those of their steps
    torch.testing.assert_close(net.embed.weight, birth.nets[-1].embed.weight)
    assert not torch.equal(birth.nets[0].embed.weight, birth.nets[1].embed.weight)
    other = watch_training(new_attention_net(2, seed=3), 7, every=3, seed=3)
    assert [one.second for one in other.readings] == [one.second for one in birth.readings]
