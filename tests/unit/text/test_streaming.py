"""Texts cut again where a word ends: whatever the pieces were, the ids are those of the whole."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_oracles import small, texts

from utils.text.bpe_training import count_words, train_bpe
from utils.text.fast_tokenizer import FastTokenizer
from utils.text.pre_tokenization import SPLITS, split_words
from utils.text.streaming import whole_words
from utils.text.tokenizer import BPETokenizer


def cut_anywhere(text: str, cuts: list[float]) -> list[str]:
    places = sorted(round(cut * len(text)) for cut in cuts)
    return [text[a:b] for a, b in itertools.pairwise([0, *places, len(text)])]


cuts = st.lists(st.floats(0, 1), max_size=8)


@pytest.mark.parametrize("split", SPLITS)
@settings(max_examples=400, deadline=None)
@given(text=texts, cuts=cuts)
def test_the_words_of_the_pieces_are_those_of_the_whole(split, text, cuts):
    pieces = list(whole_words(cut_anywhere(text, cuts)))
    assert "".join(pieces) == text
    words = [word for piece in pieces for word in split_words(piece, split)]
    assert words == split_words(text, split)


@pytest.mark.parametrize("kind", [BPETokenizer, FastTokenizer])
@pytest.mark.parametrize("split", SPLITS)
@settings(max_examples=150, deadline=None)
@given(text=texts, cuts=cuts)
def test_the_ids_of_a_stream_are_those_of_the_whole(kind, split, text, cuts):
    tok = kind(small(split)[1])
    pieces = cut_anywhere(text, cuts)
    assert list(tok.encode_stream(pieces)) == tok.encode(text)
    with_special = list(tok.encode_stream(pieces, allow_special=True))
    assert with_special == tok.encode(text, allow_special=True)


spaced = st.lists(
    st.sampled_from(["<a", " b>", "<a b>", "<a b>\n\nc", "\n", "\nc", " ", "x", " <", "<a "]),
    max_size=14,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(text=spaced, cuts=cuts)
def test_special_tokens_with_white_space_inside_are_not_cut(text, cuts):
    """One of them begins another, so that a token may turn out to be longer than it seemed."""
    special = ["<a b>", "<a b>\n\nc", "\nc"]
    tok = BPETokenizer(train_bpe("a b c x", 270, special))
    stream = tok.encode_stream(cut_anywhere(text, cuts), allow_special=True)
    assert list(stream) == tok.encode(text, allow_special=True)


def test_a_long_text_is_never_held():
    """Each block is asked for only when the one before it has been given out, but for its last
    word.
    """
    rng = random.Random(0)
    given_out = read = 0
    most_behind = 0

    def blocks():
        nonlocal read, most_behind
        for _ in range(300):
            block = "".join(rng.choices("abcdefg  \n", k=97))
            read += len(block)
            yield block

    for piece in whole_words(blocks()):
        given_out += len(piece)
        most_behind = max(most_behind, read - given_out)
    assert given_out == read == 300 * 97
    assert most_behind < 97


def test_an_open_file_can_be_read_and_learned_from(tmp_path):
    path = tmp_path / "long.txt"
    text = "it's 12 o'clock\r\n\n  and they'll say   so\n" * 40 + "naïve"
    path.write_bytes(text.encode())
    tok = BPETokenizer(train_bpe(text, 300))
    with path.open(encoding="utf-8", newline="") as file:
        assert list(tok.encode_stream(file)) == tok.encode(text)
    with path.open(encoding="utf-8", newline="") as file:
        blocks = iter(lambda: file.read(7), "")
        assert train_bpe(whole_words(blocks), 300) == tok.vocabulary
    with path.open(encoding="utf-8", newline="") as file:
        # line by line they would be others: a run of line ends is one word
        assert count_words(file) != count_words(text)


@pytest.mark.parametrize("texts", ["", [], ["", ""], "no", "two words", ["a", "b", "", " c"]])
def test_short_and_empty_texts(texts):
    assert "".join(whole_words(texts)) == "".join(texts)


def test_what_is_no_text_is_refused_when_its_turn_comes():
    stream = whole_words(["fine words ", "a\udc00"])
    assert next(stream) == "fine words"
    with pytest.raises(ValueError, match="surrogate pair"):
        next(stream)
    with pytest.raises(TypeError, match="reads text"):
        list(BPETokenizer(train_bpe("a", 256)).encode_stream(iter([b"bytes"])))
    assert Counter(whole_words(iter(["one ", "two"]))) == Counter(["one", " two"])
