"""Scores of heads: on patterns written by hand, and on a model whose heads were made for their
work.
"""

import math

import pytest
import torch
from hand_made import copying_model
from torch.testing import assert_close

from utils.interpretability.attention_patterns import (
    entropy,
    first_token_score,
    head_scores,
    induction_score,
    mean_head_scores,
    own_token_score,
    patterns,
    previous_token_score,
    repeated_random_ids,
    same_token_score,
    uniform_entropy,
)
from utils.model.config import GPTConfig
from utils.model.gpt import GPT

HAND = torch.tensor(
    [[1.0, 0, 0, 0], [0.3, 0.7, 0, 0], [0.1, 0.4, 0.5, 0], [0.05, 0.15, 0.55, 0.25]]
)


def test_scores_by_hand():
    assert float(previous_token_score(HAND)) == pytest.approx((0.3 + 0.4 + 0.55) / 3)
    assert float(first_token_score(HAND)) == pytest.approx((0.3 + 0.1 + 0.05) / 3)
    assert float(own_token_score(HAND)) == pytest.approx((0.7 + 0.5 + 0.25) / 3)
    assert float(same_token_score(HAND, period=2)) == pytest.approx((0.1 + 0.15) / 2)
    assert float(induction_score(HAND, period=2)) == pytest.approx((0.4 + 0.55) / 2)
    assert float(induction_score(HAND, period=3)) == pytest.approx(0.15)
    assert float(same_token_score(HAND, period=3)) == pytest.approx(0.05)
    rows = [sum(-p * math.log(p) for p in row if p) for row in HAND.tolist()]
    assert float(entropy(HAND)) == pytest.approx(sum(rows) / 4)


@pytest.mark.parametrize(
    "score", [previous_token_score, first_token_score, own_token_score, entropy]
)
def test_scores_keep_the_axes_in_front(score):
    many = torch.rand(2, 3, 5, 5).tril()
    many = many / many.sum(-1, keepdim=True)
    assert score(many).shape == (2, 3)
    assert_close(score(many)[1, 2], score(many[1, 2]))


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_uniform_attention_has_the_entropy_of_the_closed_form(n):
    uniform = torch.ones(n, n).tril() / torch.arange(1.0, n + 1)[:, None]
    assert float(entropy(uniform)) == pytest.approx(uniform_entropy(n), abs=1e-6)
    assert float(entropy(torch.eye(n))) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: previous_token_score(HAND[:1, :1]),
        lambda: first_token_score(HAND[:1, :1]),
        lambda: induction_score(HAND, period=4),
        lambda: uniform_entropy(0),
        lambda: repeated_random_ids(5, 6),
        lambda: repeated_random_ids(5, 1),
    ],
)
def test_what_cannot_be_scored_is_a_sentence(call):
    with pytest.raises(ValueError, match=r"give|needs"):
        call()


def test_patterns_equal_a_computation_by_hand():
    torch.manual_seed(2)
    model = GPT(GPTConfig(vocab_size=31, context_length=9, n_layer=3, n_head=4, d_model=20)).eval()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape)
    ids = torch.tensor([3, 1, 4, 1, 5, 9, 2])
    found = patterns(model, ids)
    assert found.shape == (3, 4, 7, 7) and not found.requires_grad
    x = model.blocks[0].attn_norm(model.embed(ids) + model.position_embed.weight[:7])
    attn = model.blocks[0].attn
    q, k = attn.query(x)[:, 5:10], attn.key(x)[:, 5:10]  # head 1
    scores = (q @ k.T / 5**0.5).masked_fill(torch.ones(7, 7).triu(1).bool(), -torch.inf)
    assert_close(found[0, 1], scores.softmax(-1).detach())
    with pytest.raises(AssertionError):
        assert_close(found[1, 1], found[0, 1])


def test_repeated_random_ids():
    ids = repeated_random_ids(50, 20, seed=3)
    assert torch.equal(ids[:20], ids[20:]) and len(set(ids[:20].tolist())) == 20
    assert torch.equal(ids, repeated_random_ids(50, 20, seed=3)) and not torch.equal(
        ids, repeated_random_ids(50, 20)
    )


def test_the_card_finds_each_head_that_was_made():
    text = torch.tensor([0, 7, 3, 9, 1, 4, 11, 2, 8, 5])  # all different
    card = head_scores(copying_model(), text, period=5)
    assert all(score.shape == (2, 2) for score in card.values())
    uniform = sum(1 / n for n in range(2, 11)) / 9  # the mean of 1/2, 1/3, ... 1/10
    assert card["previous"][0, 0] > 0.99 and float(card["previous"][1, 1]) == pytest.approx(
        uniform, abs=1e-3
    )
    assert card["own"][0, 1] > 0.99 and card["same"][0, 1] == pytest.approx(0.5, abs=0.01)
    # The first token's head 0.0 can only look at itself, so it seems to come after itself: 4
    # queries of 5 are sure.
    assert card["induction"][1, 0] == pytest.approx((4 + 0.5) / 5, abs=0.01)
    assert (card["induction"].flatten()[[0, 1, 3]] < 0.3).all()
    assert float(card["entropy"][1, 1]) == pytest.approx(uniform_entropy(10), abs=1e-3)
    assert float(card["first"][1, 1]) == pytest.approx(uniform, abs=1e-3)


def test_a_mean_card_gives_each_text_a_random_text_of_its_own():
    model = copying_model(14)
    texts = [torch.randint(14, (length,)) for length in (4, 9)]
    found = mean_head_scores(model, texts, period=5)
    cards = [head_scores(model, texts[at], period=5, texts=1, seed=at) for at in (0, 1)]
    for name, scores in found.items():
        assert_close(scores, (cards[0][name] + cards[1][name]) / 2)
    with pytest.raises(ValueError, match="no text was given"):
        mean_head_scores(model, [])
