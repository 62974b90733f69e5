import pytest
import torch
from small_gpt import END, small_gpt
from torch.testing import assert_close

from utils.alignment.replies import Replies, pack, sample_replies


def test_pack_puts_prompts_left_and_replies_right():
    batch = pack([[5], [1, 2, 3]], [[6, 6, 4], [2]])
    assert batch.ids.tolist() == [[0, 0, 5, 6, 6, 4], [1, 2, 3, 2, 0, 0]]
    assert batch.real.int().tolist() == [[0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]
    assert batch.reply.int().tolist() == [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 0, 0]]
    assert batch.last.tolist() == [5, 3]
    assert batch.tokens() == [[6, 6, 4], [2]]
    assert batch.written.int().tolist() == [[0, 0, 1, 1, 1], [0, 0, 1, 0, 0]]
    assert batch[torch.tensor([1, 1, 0])].tokens() == [[2], [2], [6, 6, 4]]


@pytest.mark.parametrize(
    ("prompts", "replies", "words"),
    [([], [], "0 prompts"), ([[1]], [[1], [2]], "2 replies"), ([[1]], [[]], "no token")],
)
def test_pack_refuses_what_has_no_meaning(prompts, replies, words):
    with pytest.raises(ValueError, match=words):
        pack(prompts, replies)


@pytest.mark.parametrize("position", ["learned", "rope"])
def test_a_sampled_reply_has_the_models_own_probabilities(position):
    """4,000 replies of at most two tokens against the exact chance of each, for prompts of
    different lengths.
    """
    model, n = small_gpt(position=position), 2000
    prompts = [[1, 2, 3], [5]]
    replies = sample_replies(
        model, prompts * n, end_id=END, max_new_tokens=2, generator=torch.Generator().manual_seed(1)
    )
    tokens = replies.tokens()
    with torch.no_grad():
        for row, prompt in enumerate(prompts):
            first = model(torch.tensor([prompt]))[0, -1].softmax(dim=-1)
            mine = tokens[row::2]
            for a in range(7):
                then = model(torch.tensor([[*prompt, a]]))[0, -1].softmax(dim=-1)
                for reply, chance in (
                    [([a, b], first[a] * then[b]) for b in range(7)]
                    if a != END
                    else [([a], first[a])]
                ):
                    assert mine.count(reply) / n == pytest.approx(
                        float(chance), abs=5 * (0.25 / n) ** 0.5
                    )


def test_replies_end_at_the_end_token_or_the_limit():
    model = small_gpt(3)
    replies = sample_replies(
        model,
        [[1, 2], [3]] * 40,
        end_id=END,
        max_new_tokens=5,
        generator=torch.Generator().manual_seed(0),
    )
    lengths = {len(reply) for reply in replies.tokens()}
    assert lengths == {1, 2, 3, 4, 5}
    for reply in replies.tokens():
        assert END not in reply[:-1]
        assert len(reply) == 5 or reply[-1] == END
    assert (replies.ids[~replies.real] == 0).all()
    assert replies.real[:, :2].tolist() == [[True, True], [False, True]] * 40
    again = sample_replies(
        model,
        [[1, 2], [3]] * 40,
        end_id=END,
        max_new_tokens=5,
        generator=torch.Generator().manual_seed(0),
    )
    assert torch.equal(again.ids, replies.ids)


def test_padding_changes_no_logits():
    model = small_gpt(5)
    together = pack([[1, 2, 3], [5]], [[6, END], [2, 2, 2, END]])
    for row, alone in enumerate([pack([[1, 2, 3]], [[6, END]]), pack([[5]], [[2, 2, 2, END]])]):
        mine = model(together.ids, together.real)[row][together.real[row]]
        assert_close(mine, model(alone.ids)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("tokens", "words"), [(11, "context"), (0, "at least one token")])
def test_a_reply_that_cannot_be_is_refused(tokens, words):
    with pytest.raises(ValueError, match=words):
        sample_replies(
            small_gpt(), [[1, 2, 3]], end_id=END, max_new_tokens=tokens, generator=torch.Generator()
        )


def test_replies_can_be_trained_on():
    model = small_gpt()
    replies = sample_replies(
        model, [[1]], end_id=END, max_new_tokens=3, generator=torch.Generator().manual_seed(2)
    )
    assert isinstance(replies, Replies)
    model(replies.ids, replies.real).sum().backward()
    assert model.embed.weight.grad is not None
