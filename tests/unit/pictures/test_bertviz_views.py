"""What the views refuse, and what a notebook gets; whether they are drawn is in tests/browser."""

import importlib.util
import json
import re
import subprocess
import sys
from html import unescape

import pytest
import torch

from utils.pictures import bertviz_views
from utils.pictures.bertviz_views import head_view, in_words, model_view

PIECES = ["The", " cat", " </script>", "\n"]


def random_patterns(layers=5, heads=3, tokens=4):
    scores = (
        torch.randn(layers, heads, tokens, tokens, generator=torch.Generator().manual_seed(0)) * 3
    )
    return scores.masked_fill(torch.ones(tokens, tokens).triu(1).bool(), -torch.inf).softmax(-1)


def page(bundle):
    return unescape(re.search(r'srcdoc="([^"]*)"', bundle["text/html"])[1])


def parameters(bundle):
    return json.loads(re.search(r"const params = (\{.*?\});", page(bundle))[1])


@pytest.mark.parametrize("view", [head_view, model_view])
def test_the_page_holds_all_it_needs(view, shown):
    patterns = random_patterns()
    view(patterns, PIECES, layers=[4, 1], title='A "title" & <more>')
    (bundle,) = shown
    assert '<iframe title="A &quot;title&quot; &amp; &lt;more&gt;"' in bundle["text/html"]
    assert "https://cdnjs" not in page(bundle).split("requirejs([")[
        1
    ] and "<script src" not in page(bundle)
    given = parameters(bundle)
    attention = torch.tensor(given["attention"][0]["attn"])
    torch.testing.assert_close(attention, patterns[[4, 1]], rtol=0, atol=6e-4)
    assert given["include_layers"] == [4, 1] and given["layer"] == 4 and given["total_heads"] == 3
    assert (
        given["attention"][0]["left_text"]
        == given["attention"][0]["right_text"]
        == ["The", "␣cat", "␣</script>", "⏎"]
    )
    assert page(bundle).count("</script>") == 1


def test_the_same_view_is_the_same_bytes(shown):
    for _ in range(2):
        head_view(random_patterns(), PIECES)
    assert shown[0] == shown[1]


def test_the_words_say_what_there_is_to_see(shown):
    pattern = torch.eye(4).repeat(2, 3, 1, 1)
    pattern[1, 2, 3] = torch.tensor([0.1, 0.8, 0.0, 0.1])
    pattern[0, :, 2] = torch.tensor([1.0, 0, 0, 0])
    words = in_words(pattern, PIECES, [0, 1])
    # 6 heads, 3 queries each: 3 look at the first token all the way and one a tenth; itself: the
    #     other 14 and a tenth.
    assert (
        f"{3.1 / 18:.2f} to the first token, {14.1 / 18:.2f} to itself, 0.00 to the one before it"
        in words
    )
    assert "layer 1, head 2, ⏎ to ␣cat (0.80)" in words and "The ␣cat ␣</script> ⏎" in words
    head_view(pattern, PIECES, title="Heads")
    assert shown[0]["text/plain"] == f"Heads. {words}"
    assert "layers 0 to 4" in in_words(random_patterns(), PIECES, range(5))
    assert "layers 4, 1" in in_words(random_patterns(), PIECES, [4, 1])


@pytest.mark.parametrize("view", [head_view, model_view])
@pytest.mark.parametrize(
    ("pattern", "pieces", "layers", "says"),
    [
        (random_patterns(), PIECES[:3], None, "of 4 tokens, but 3 pieces"),
        (
            random_patterns(tokens=33),
            ["a"] * 33,
            None,
            "33 tokens; these views can show from 1 to 32",
        ),
        (random_patterns(), PIECES, [5], "from 0 to 4"),
        (random_patterns(), PIECES, [], "at least one"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(view, pattern, pieces, layers, says, shown):
    with pytest.raises(ValueError, match=says):
        view(pattern, pieces, layers=layers)
    assert not shown


def test_a_whole_model_on_a_long_text_is_too_much_and_some_layers_are_not(shown):
    patterns, pieces = random_patterns(layers=30, heads=9, tokens=32), ["a"] * 32
    with pytest.raises(
        ValueError, match=r"276,480 lines, more than 60,000: choose some of the layers"
    ):
        model_view(patterns, pieces)
    model_view(patterns, pieces, layers=[3, 4])
    head_view(patterns, pieces)
    assert len(shown) == 2 and len(shown[1]["text/html"]) < 2e6


def test_without_bertviz_there_is_a_sentence(monkeypatch, shown):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        ImportError, match="needs bertviz, which is not installed: run `pip install bertviz`"
    ):
        head_view(random_patterns(), PIECES)
    assert not shown


def test_no_python_of_bertviz_is_imported():
    look = (
        "import sys, torch\nfrom utils.pictures import bertviz_views as a\n"
        "a.head_view(torch.eye(3).repeat(2, 2, 1, 1), ['a', 'b', 'c'])\n"
        "print(sorted({'bertviz', 'transformers', 'boto3'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]" and bertviz_views.MOST_TOKENS == 32
