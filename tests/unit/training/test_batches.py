"""Windows and examples: each where it says, all reached, the same again for the same number."""

from collections import Counter

import numpy as np
import pytest
import torch

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.training.batch_loss import mean_loss, next_token_loss
from utils.training.batches import RandomWindows
from utils.training.fine_tuning_batches import Examples


def make(vocab=11, context=6):
    torch.manual_seed(2)
    return GPT(
        GPTConfig.llama(
            vocab_size=vocab,
            context_length=context,
            n_layer=1,
            n_head=2,
            d_model=8,
            tie_embedding=False,
        )
    )


@pytest.mark.parametrize(
    "kind", [list, np.array, torch.tensor, lambda ids: np.array(ids, dtype=np.uint16)]
)
def test_windows_are_cut_from_the_text(kind):
    windows = RandomWindows(kind(list(range(100, 130))), length=4, batch_size=7, seed=1)
    ids = windows[3]["ids"]
    assert ids.dtype == torch.int64
    assert ids.shape == (7, 5)
    assert (ids.diff(dim=1) == 1).all()


def test_every_place_is_equally_likely_and_windows_are_independent():
    """26 places, 13,000 draws, so 500 of each with a standard deviation of 22."""
    windows = RandomWindows(list(range(30)), length=4, batch_size=13, seed=1)
    starts = [windows[n]["ids"][:, 0].tolist() for n in range(1000)]
    counts = Counter(start for row in starts for start in row)
    assert sorted(counts) == list(range(26))
    assert all(abs(count - 500) < 5 * 22 for count in counts.values())
    following = sum(row[i + 1] == row[i] + 1 for row in starts for i in range(12))
    assert following < 12_000 / 26 * 1.3  # consecutive windows would be found every time


def test_the_same_number_gives_the_same_batch_and_others_do_not():
    tokens = np.random.default_rng(0).integers(50, size=400)
    one, again, other_seed = (RandomWindows(tokens, 8, 3, seed) for seed in (4, 4, 5))
    assert torch.equal(one[17]["ids"], again[17]["ids"])
    assert not torch.equal(one[17]["ids"], one[18]["ids"])
    assert not torch.equal(one[17]["ids"], other_seed[17]["ids"])
    assert one.fingerprint() == again.fingerprint() != other_seed.fingerprint()
    assert one.fingerprint() != RandomWindows(tokens + 1, 8, 3, 4).fingerprint()


def test_text_larger_than_memory_comes_from_a_file(tmp_path):
    path = tmp_path / "tokens.bin"
    np.arange(1000, dtype=np.uint16).tofile(path)
    windows = RandomWindows(np.memmap(path, dtype=np.uint16, mode="r"), length=9, batch_size=2)
    assert (windows[0]["ids"].diff(dim=1) == 1).all()


@pytest.mark.parametrize(
    ("tokens", "length", "words"),
    [
        ([], 3, "the text has 0 tokens, but a window takes 4"),
        ([1, 2, 3], 3, "the text has 3 tokens, but a window takes 4"),
        ([1] * 20, 7, "windows of 7 tokens were asked for, but this model's context holds 6"),
        ([1] * 20 + [11], 3, "the tokens run from 1 to 11, but this model knows 0 to 10"),
        ([1] * 20 + [-1], 3, "the tokens run from -1 to 1, but"),
        (np.ones(20), 3, "tokens are float64 of shape"),
        (
            np.ones((4, 9), dtype=int),
            3,
            r"of shape \(4, 9\); give the token ids of a text in one row",
        ),
        ([1] * 20, 0, "length is 0"),
    ],
)
def test_windows_that_cannot_be_are_refused(tokens, length, words):
    with pytest.raises(ValueError, match=words):
        RandomWindows.for_model(make(), tokens, batch_size=2, length=length)


def test_windows_are_as_long_as_the_context_by_default():
    assert RandomWindows.for_model(make(), [1, 2] * 9, batch_size=5)[0]["ids"].shape == (5, 7)


TEXTS = [([number, *range(2, 3 + number)], [False, *[True] * (1 + number)]) for number in range(7)]


def test_each_pass_gives_every_example_once_in_another_order():
    examples = Examples(TEXTS, batch_size=3, seed=6)
    first = torch.cat([examples[n]["ids"][:, 0] for n in range(7)]).reshape(3, 7)
    assert (first.sort(dim=1).values == torch.arange(7)).all()
    assert len({tuple(order) for order in first.tolist()}) == 3
    assert torch.equal(examples[5]["ids"], Examples(TEXTS, 3, 6)[5]["ids"])
    assert examples.fingerprint() != Examples(TEXTS[::-1], 3, 6).fingerprint()


def test_a_padded_batch_weighs_like_its_examples_alone():
    model = make(context=12)
    batch = Examples(TEXTS, batch_size=7)[0]
    total, count = next_token_loss(model, batch)
    alone = [next_token_loss(model, {"ids": torch.tensor([ids])}) for ids, _ in TEXTS]
    assert count == sum(n for _, n in alone) == sum(range(1, 8))
    assert total.item() == pytest.approx(sum(loss.item() for loss, _ in alone), rel=1e-5)


def test_only_what_is_named_is_learned():
    """The loss of one token, by hand: -log softmax of the logits one place before it."""
    model, ids = make(), torch.tensor([[3, 1, 4, 1, 5]])
    expected = -model(ids)[0].double().log_softmax(dim=-1)[[1, 3], [4, 5]].sum()
    learn = torch.tensor([[True, False, True, False, True]])  # of the first there is no loss
    total, count = next_token_loss(model, {"ids": ids, "learn": learn})
    assert count == 2
    assert total.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_mean_loss_is_over_targets_and_not_over_batches():
    model = make(context=12)
    batches = [{"ids": torch.tensor([[1, 2]])}, {"ids": torch.tensor([[3, 4, 5, 6, 7, 8]] * 2)}]
    (one, _), (ten, _) = (next_token_loss(model, batch) for batch in batches)
    assert mean_loss(model, batches) == pytest.approx((one + ten).item() / 11, rel=1e-6)
    with pytest.raises(ValueError, match="no target"):
        mean_loss(model, [])


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        ([], "0 examples and batch_size 2"),
        ([([1, 2], [True])], "example 0 has 2 ids and `learn` for 1"),
        (
            [([1, 2], [False, True]), ([1, 2], [True, False])],
            "example 1 has 2 tokens and none to learn",
        ),
        ([([1], [True])], "example 0 has 1 tokens and none to learn"),
        ([([1] * 8, [True] * 8)], "example 0 has 8 tokens, but this model's context holds 6"),
        ([([1, 11], [True] * 2)], "the tokens run from 1 to 11"),
    ],
)
def test_examples_that_cannot_be_are_refused(examples, words):
    with pytest.raises(ValueError, match=words):
        Examples.for_model(make(), examples, batch_size=2)


def test_an_example_may_fill_the_context_and_the_token_after():
    Examples.for_model(make(), [([1] * 7, [True] * 7)], batch_size=1)
