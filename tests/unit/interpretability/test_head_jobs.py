"""Jobs of heads: read off the patterns themselves."""

import pytest
import torch
from hand_made import TOKENS, word_tokenizer
from torch.testing import assert_close

from utils.data.head_roles import Link
from utils.interpretability.attention_patterns import likest_other, patterns
from utils.interpretability.head_jobs import attention_between, share_passed
from utils.model.config import GPTConfig
from utils.model.gpt import GPT

TEXT = " The red tower is in is"


def small_model() -> GPT:
    torch.manual_seed(5)
    sizes = {"vocab_size": len(TOKENS), "context_length": 32, "n_layer": 3, "n_head": 2}
    model = GPT(GPTConfig.llama(**sizes, d_model=12, d_mlp=7)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 8
    return model


def test_the_last_query_looks_at_the_first_of_each_key():
    model, tok = small_model(), word_tokenizer()
    words = [piece.strip() for piece in tok.pieces(TEXT)]
    all_patterns = patterns(model, torch.tensor(tok.encode(TEXT)))
    found = attention_between(model, tok, TEXT, "is", ["tower", "is"])
    last, first = len(words) - 1, words.index("is")
    assert words.count("is") == 2
    expected = all_patterns[:, :, last, [words.index("tower"), first]]
    assert_close(found, expected.permute(2, 0, 1))
    with pytest.raises(ValueError, match="'castle' is no token"):
        attention_between(model, tok, TEXT, "is", ["castle"])


def test_a_head_passes_where_the_wanted_word_gets_enough_and_more_than_the_other():
    model, tok = small_model(), word_tokenizer()
    links = [Link(TEXT, "tower", "in"), Link(TEXT, "in", "tower"), Link(TEXT, "red", "in")]
    for least in (0.02, 0.3):
        counts = torch.zeros(3, 2)
        for link in links:
            wanted, other = attention_between(model, tok, TEXT, "is", [link.wanted, link.other])
            for layer in range(3):
                for head in range(2):
                    enough = float(wanted[layer, head]) > least
                    counts[layer, head] += enough and bool(wanted[layer, head] > other[layer, head])
        found = share_passed(model, tok, links, least)
        assert_close(found, counts / 3)
    assert len(found.unique()) > 1


def test_the_likest_other_head_is_found_beyond_the_first_token():
    torch.manual_seed(0)
    scores = torch.randn(2, 3, 6, 6).masked_fill(torch.ones(6, 6).triu(1).bool(), -torch.inf)
    pattern = scores.softmax(dim=-1)
    pattern[1, 2] = pattern[0, 1]
    pattern[1, 2, :, 0] = 0.9  # the first token does not count
    found = likest_other(pattern)
    assert found[0, 1].item() == pytest.approx(1, abs=1e-5) == found[1, 2].item()
    places = [(q, k) for q in range(1, 6) for k in range(1, q + 1)]
    rows = [[float(pattern[divmod(h, 3)][place]) for place in places] for h in range(6)]
    between = torch.corrcoef(torch.tensor(rows))
    expected = max(float(between[0, other]) for other in range(1, 6))
    assert found[0, 0].item() == pytest.approx(expected, abs=1e-4)
