"""The explorer of heads: the facts of the chosen head, and a sentence for a text that cannot be
shown.
"""

import re
from html import escape

import pytest
import torch
from hand_made import TOKENS, word_tokenizer

from utils.generation.decoding import generate
from utils.interpretability.logit_difference import demoted_by_head, promoted_by_head
from utils.interpretability.silencing import losses_without_heads, without_heads
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace
from utils.pictures.figures import visible
from utils.widgets.head_explorer import head_explorer

TEXT = " The red tower is in"


def small_model() -> GPT:
    torch.manual_seed(2)
    sizes = {"vocab_size": len(TOKENS), "context_length": 64, "n_layer": 3, "n_head": 2}
    model = GPT(GPTConfig.llama(**sizes, d_model=12, d_mlp=7)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 6
    return model


CARD = {"previous": torch.arange(6.0).view(3, 2) / 10, "own": torch.full((3, 2), 0.25)}


def controls_of(explorer):
    row, picture = explorer.children
    text, layer, head, button = row.children
    return text, layer, head, button, picture


def test_it_shows_the_chosen_head():
    model, tok = small_model(), word_tokenizer()
    _, layer, head, button, picture = controls_of(head_explorer(model, tok, CARD, TEXT))
    layer.value, head.value = 2, 1
    assert "Layer 0, head 0." in picture.value  # nothing moves before the button
    button.click()
    said = re.sub("<[^>]+>", "", picture.value)
    assert "Layer 2, head 1." in said and "previous 0.50, own 0.25" in said
    assert "all heads by their score “previous”" in picture.value
    ids = torch.tensor(tok.encode(TEXT))
    with trace(model) as t, torch.no_grad():
        model(ids[None])
    for words, moved in (
        ("it raises most: ", promoted_by_head(model, tok, t, 2, 1)),
        ("It lowers most: ", demoted_by_head(model, tok, t, 2, 1)),
    ):
        tokens = ", ".join(f"“{in_html(piece)}” {value:+.1f}" for piece, value in moved)
        assert words + tokens in picture.value
    with torch.no_grad():
        log_p = model(ids[None])[0, :-1].log_softmax(dim=-1)
    whole = -log_p.gather(1, ids[1:, None]).mean()
    lost = losses_without_heads(model, ids, layers=[2])[0, 1] - whole
    assert f"without it: {lost:+.3f} nats" in said
    with without_heads(model, [(2, 1)]):
        without = generate(model, tok, TEXT, max_new_tokens=10, temperature=0)
    whole_text = generate(model, tok, TEXT, max_new_tokens=10, temperature=0)
    assert without != whole_text and "(the same)" not in said
    assert f"Without this head: “{in_html(without)}”" in picture.value
    assert f"goes on: “{in_html(whole_text)}”" in picture.value
    assert picture.value.count("<img") == 2


def in_html(text: str) -> str:
    return escape("".join(map(visible, text)))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the text has 0 tokens; type one of 2 to 32 tokens"),
        ("a", "the text has 1 tokens"),
        ("a" * 33, "the text has 33 tokens"),
        ("The tower " * 60, "the text has 600 characters; type one of at most 400"),
    ],
)
def test_a_text_that_cannot_be_shown_gets_a_sentence(text, sentence):
    field, _, _, button, picture = controls_of(
        head_explorer(small_model(), word_tokenizer(), CARD, TEXT)
    )
    field.value = text
    button.click()
    assert sentence in picture.value and "<img" not in picture.value
