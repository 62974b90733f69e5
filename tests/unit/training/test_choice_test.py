"""Which of two texts a model finds likelier, against the sum of log probabilities written out."""

import pytest
import torch
from tokenizer_oracles import small

from utils.data.choice_pairs import ChoicePair
from utils.data.minimal_pairs import MinimalPair
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.text.tokenizer import BPETokenizer
from utils.training.choice_test import finds_right, log_probabilities, share_right
from utils.training.small_reader import new_reader, reading_of

TEXT = reading_of("the cat sat on the mat and then she went away. " * 20, "it is a hat on the mat")
PAIRS = [
    ChoicePair("the c", "at", "ta", " s"),
    ChoicePair("she ", "went", "wnet", ""),
    ChoicePair("on t", "he mat a", "eh mat a", "n"),
]


def by_hand(model, before, rest):
    total, seen = 0.0, before
    for character in rest:
        logits = model(torch.tensor([TEXT.encode(seen)]))[0, -1].detach().double()
        total += float(logits.log_softmax(0)[TEXT.encode(character)[0]])
        seen += character
    return total


def test_log_probabilities_of_pairs_that_differ_in_length():
    model = new_reader(TEXT, seed=3, d_model=24)
    found = log_probabilities(model, TEXT, PAIRS)
    for row, one in zip(found, PAIRS, strict=True):
        right = by_hand(model, one.before, one.right + one.after)
        wrong = by_hand(model, one.before, one.wrong + one.after)
        assert row.tolist() == pytest.approx([right, wrong], rel=1e-4)
    expected = sum(float(right > wrong) for right, wrong in found.tolist()) / 3
    assert share_right(model, TEXT, PAIRS) == pytest.approx(expected)
    turned = [one._replace(right=one.wrong, wrong=one.right) for one in PAIRS]
    assert share_right(model, TEXT, turned) == pytest.approx(1 - expected)


def test_equal_ends_count_half():
    same = [ChoicePair("the ", "cat", "cat", " ")]
    assert share_right(new_reader(TEXT, 1, 16), TEXT, same) == 0.5


def test_words_of_different_length_are_refused():
    with pytest.raises(ValueError, match="'cats' and 'cat' have 4 and 3"):
        log_probabilities(new_reader(TEXT, 1, 16), TEXT, [ChoicePair("the ", "cats", "cat", "")])


def test_the_first_token_decides():
    tok = BPETokenizer(small("gpt2")[1])
    with torch.random.fork_rng():
        torch.manual_seed(5)
        config = GPTConfig.llama(
            vocab_size=tok.vocab_size, context_length=32, n_layer=1, n_head=2, d_model=24, d_mlp=40
        )
        model = GPT(config).eval()
    ids = tok.encode("the cat")
    logits = model(torch.tensor([ids]))[0, -1]
    candidates = sorted(
        (float(logits[tok.encode(letter)[0]].detach()), letter) for letter in "abcdefgh"
    )
    least, best = candidates[0][1], candidates[-1][1]
    pairs = [MinimalPair("the cat", best, least), MinimalPair("the cat", least, best)]
    assert finds_right(model, tok, pairs) == [True, False]
    with pytest.raises(ValueError, match="'a' and 'a' begin with the same token"):
        finds_right(model, tok, [MinimalPair("the cat", "a", "a")])
