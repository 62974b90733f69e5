"""Text to ids and back, against the `tokenizers` library on small trained vocabularies."""

import copy
import json
import pickle
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_oracles import (
    CORPUS,
    SMALL,
    plain_ids,
    small,
    special_ids,
    texts,
    trained_by_library,
)
from tokenizers import Tokenizer as Library
from tokenizers import models, pre_tokenizers

from utils.text.byte_alphabet import to_byte_level
from utils.text.fast_tokenizer import FastTokenizer
from utils.text.tokenizer import BPETokenizer, Tokenizer
from utils.text.vocabulary import Vocabulary

KINDS = [BPETokenizer, FastTokenizer]
SPLITS = ["gpt2", "smollm"]


@pytest.fixture(
    scope="module", params=[(kind, split) for kind in KINDS for split in SPLITS], ids=str
)
def pair(request):
    """The library's tokenizer and ours."""
    kind, split = request.param
    library, vocabulary = small(split)
    assert vocabulary.split == split
    return library, kind(vocabulary)


@settings(max_examples=250, deadline=None)
@given(text=texts)
def test_same_ids_as_the_library_for_all_of_unicode(pair, text):
    library, tok = pair
    assert tok.encode(text) == plain_ids(library, text)
    assert tok.encode(text, allow_special=True) == special_ids(library, text)


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=200))
def test_same_ids_as_the_library_for_arbitrary_bytes_read_as_text(pair, data):
    library, tok = pair
    for text in (data.decode("latin-1"), data.decode("utf-8", "replace")):
        assert tok.encode(text) == plain_ids(library, text)


@settings(max_examples=100, deadline=None)
@given(text=texts)
def test_text_comes_back(pair, text):
    _, tok = pair
    ids = tok.encode(text)
    assert tok.decode(ids) == text
    assert b"".join(map(tok.token_bytes, ids)) == text.encode()
    assert not set(ids) & set(tok.special.values())
    with_special = tok.encode(text, allow_special=True)
    assert tok.decode(with_special) == text


@settings(max_examples=60, deadline=None)
@given(text=texts)
def test_pieces_are_the_texts_of_the_tokens(pair, text):
    _, tok = pair
    pieces = tok.pieces(text)
    assert len(pieces) == len(tok.encode(text))
    if all("\ufffd" not in piece for piece in pieces):  # no token ends inside a character
        assert "".join(pieces) == text


def test_pieces_show_parts_of_characters_as_such(pair):
    _, tok = pair
    assert tok.pieces("the then") == ["the", " then"]
    assert tok.pieces("\u4e01") == ["\ufffd"] * 3  # its bytes were never neighbours in the corpus


@settings(max_examples=100, deadline=None)
@given(ids=st.lists(st.integers(0, SMALL - 1), max_size=40))
def test_any_ids_decode_as_in_the_library(pair, ids):
    library, tok = pair
    assert tok.decode(ids) == library.decode(ids, skip_special_tokens=False)


@settings(max_examples=150, deadline=None)
@given(
    word=st.one_of(
        st.binary(max_size=120),
        st.lists(
            st.sampled_from([*b" theymnrang12!", *"\U0001f600é快".encode()]), max_size=120
        ).map(bytes),
    )
)
def test_merging_bytes_that_are_no_text_equals_the_library(word):
    _, vocabulary = small("gpt2")
    ids = {to_byte_level(token): id for token, id in vocabulary.ordinary_ids.items()}
    bare = Library(
        models.BPE(
            ids, [(to_byte_level(left), to_byte_level(right)) for left, right in vocabulary.merges]
        )
    )
    tokens = BPETokenizer(vocabulary).merge_word(word)
    assert b"".join(tokens) == word
    assert [vocabulary.ordinary_ids[token] for token in tokens] == bare.encode(
        to_byte_level(word)
    ).ids


def merged_one_by_one(word: bytes, merges: list[tuple[bytes, bytes]]) -> list[bytes]:
    """The definition: look for the lowest rank everywhere, merge its leftmost place, begin again."""
    tokens = [bytes([byte]) for byte in word]
    while found := [
        (merges.index(pair), place) for place, pair in enumerate(pairwise(tokens)) if pair in merges
    ]:
        place = min(found)[1]
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
    return tokens


@st.composite
def scrambled_merges(draw) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
    """Tokens and merges that no training gives: any order of ranks, and tokens that can be made in
    two ways.
    """
    tokens, merges = [b"a", b"b", b"c"], []
    for _ in range(draw(st.integers(0, 12))):
        left, right = draw(st.sampled_from(tokens)), draw(st.sampled_from(tokens))
        if (left, right) not in merges and len(left + right) < 7:
            merges.append((left, right))
            tokens += [left + right] if left + right not in tokens else []
    return tokens, draw(st.permutations(merges))


@settings(max_examples=250, deadline=None)
@given(parts=scrambled_merges(), word=st.text("abc", max_size=30))
def test_merging_follows_its_definition_whatever_the_merges(parts, word):
    tokens, merges = parts
    vocabulary = Vocabulary(tuple(tokens), tuple(merges))
    assert BPETokenizer(vocabulary).merge_word(word.encode()) == merged_one_by_one(
        word.encode(), merges
    )
    assert BPETokenizer(vocabulary).encode(word) == FastTokenizer(vocabulary).encode(word)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pair_waits_for_its_rank_even_if_an_earlier_pair_stood_in_its_place(kind):
    """abcd: bc first.

    That ends ab, which was next, and a(bc) stands in its place; but (bc)d ranks before a(bc).
    """
    merges = ((b"b", b"c"), (b"a", b"b"), (b"bc", b"d"), (b"a", b"bc"))
    tok = kind(
        Vocabulary((b"a", b"b", b"c", b"d", *(left + right for left, right in merges)), merges)
    )
    assert tok.pieces("abcd") == ["a", "bcd"]


@settings(max_examples=40, deadline=None)
@given(
    corpus=st.lists(st.text("ab \U0001f600é1!", max_size=60), max_size=4),
    text=st.text("ab \U0001f600é1!"),
)
def test_vocabularies_trained_by_the_library_on_anything(corpus, text):
    library = trained_by_library(corpus, [], 330, pre_tokenizers.ByteLevel(add_prefix_space=False))
    vocabulary = Vocabulary.from_tokenizer_json(json.loads(library.to_str()))
    assert BPETokenizer(vocabulary).encode(text) == plain_ids(library, text)
    assert FastTokenizer(vocabulary).encode(text) == plain_ids(library, text)


# --- missing bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_without_a_token_are_left_out_as_the_library_does(kind):
    vocabulary = Vocabulary((b"a", b"b", b"c", b"ab", b"\xc3"), ((b"a", b"b"),))
    assert vocabulary.missing_bytes == bytes(set(range(256)) - set(b"abc\xc3"))
    tok = kind(vocabulary)
    assert tok.encode("axb") == [3]  # what is left are neighbours
    assert tok.encode("é") == [4]  # the second of its two bytes is left out
    assert tok.decode(tok.encode("é")) == "\ufffd"
    assert tok.encode("xyz") == []


# --- special tokens --------------------------------------------------------------------------------------------------


def test_special_tokens_only_where_they_are_allowed(pair):
    _, tok = pair
    end = tok.special["<|im_end|>"]
    assert end not in tok.encode("so<|im_end|>")
    assert tok.encode("so<|im_end|>", allow_special=True) == [*tok.encode("so"), end]
    assert tok.encode("<|im_end|>", allow_special=True) == [end]
    assert tok.token_bytes(end) == b"<|im_end|>"
    assert tok.decode([end, end]) == "<|im_end|><|im_end|>"


def test_of_nested_special_tokens_the_leftmost_and_then_the_longest_counts(pair):
    _, tok = pair
    ids = [tok.special[text] for text in ("<b><b>", "<b>", "b>", "→")]
    assert tok.encode("<b><b><b>b>→", allow_special=True) == ids


@pytest.mark.parametrize("kind", KINDS)
def test_a_special_token_may_look_like_an_ordinary_one(kind):
    letters = tuple(bytes([byte]) for byte in range(256))
    tok = kind(Vocabulary((*letters, b"ab", b"a", b"ab"), ((b"a", b"b"),), {"a": 257, "ab": 258}))
    assert tok.encode("aab") == [97, 256]
    assert tok.encode("aab", allow_special=True) == [257, 258]


# --- the interface ---------------------------------------------------------------------------------------------------


def test_a_tokenizer_tells_its_size_and_its_special_tokens(pair):
    library, tok = pair
    assert isinstance(tok, Tokenizer)
    assert tok.vocab_size == library.get_vocab_size()
    assert tok.special["<|im_end|>"] == library.token_to_id("<|im_end|>")
    assert tok.eos_id is None and tok.stop_ids == frozenset()


def test_the_tokens_that_stop(pair):
    _, tok = pair
    fields = tok.vocabulary.to_dict() | {"eos_id": 2, "stop_ids": frozenset({0})}
    again = type(tok)(Vocabulary.from_dict(fields))
    assert again.eos_id == 2 and again.stop_ids == {0, 2}


def test_callers_cannot_change_the_special_tokens_through_the_interface(pair):
    _, tok = pair
    tok.special["the"] = 5
    assert "the" not in tok.special


def test_nothing_is_no_tokens(pair):
    _, tok = pair
    assert tok.encode("") == [] and tok.encode("", allow_special=True) == []
    assert tok.decode([]) == "" and tok.pieces("") == []


@pytest.mark.parametrize("id", [SMALL, -1, 10**20])
def test_an_id_out_of_range_is_named_with_the_size(pair, id):
    _, tok = pair
    with pytest.raises(
        ValueError, match=rf"no token {id}: the {SMALL} ids go from 0 to {SMALL - 1}"
    ):
        tok.token_bytes(id)
    with pytest.raises(ValueError, match=rf"no token {id}"):
        tok.decode([5, id])


def unchecked(function):
    """The function as a notebook has it, without the type checks that only tests have."""
    return getattr(function, "__wrapped__", function)


@pytest.mark.parametrize("ids", [[[1, 2]], [1.0], ["a"], [None]])
def test_what_is_no_id_is_refused(pair, ids):
    tok = pair[1]
    with pytest.raises(ValueError, match=r"whole number, but got .*one row") as caught:
        unchecked(type(tok).token_bytes)(tok, ids[0])
    assert repr(ids[0]) in str(caught.value)


def test_ids_may_come_as_tensors_and_arrays(pair):
    import numpy as np
    import torch

    _, tok = pair
    ids = tok.encode("the then them")
    assert tok.decode(torch.tensor(ids)) == tok.decode(np.array(ids)) == "the then them"


@pytest.mark.parametrize("text", ["ab\ud800", "ab\udfff!", "ab\ud83d\ude00"])
@pytest.mark.parametrize("allow_special", [False, True])
def test_lone_surrogates_are_one_clear_error(pair, text, allow_special):
    _, tok = pair
    with pytest.raises(
        ValueError,
        match=r"character 2 of the text is '\\ud.*surrogate pair, which has no UTF-8: repair",
    ):
        tok.encode(text, allow_special)


def test_the_repair_that_the_error_names_works(pair):
    _, tok = pair
    repaired = "ab\ud83d\ude00\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert tok.decode(tok.encode(repaired)) == "ab\U0001f600\ufffd"


def test_what_is_no_text_is_refused(pair):
    tok = pair[1]
    with pytest.raises(TypeError, match=r"reads text \(str\), but got bytes"):
        unchecked(type(tok).encode)(tok, b"abc")


def test_tokenizers_can_be_copied_and_sent_to_other_processes(pair):
    _, tok = pair
    text = CORPUS[0]
    for again in (copy.deepcopy(tok), pickle.loads(pickle.dumps(tok))):
        assert again.encode(text) == tok.encode(text)


# --- time and memory -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letters", ["a", "theynmr"])
def test_one_very_long_word_is_right(pair, letters):
    library, tok = pair
    word = letters * (20_000 // len(letters))
    assert tok.encode(word) == plain_ids(library, word)


class Counted(dict):
    """A dictionary that counts how often it is asked."""

    asked = 0

    def get(self, *key):
        self.asked += 1
        return super().get(*key)


def test_one_very_long_word_takes_no_quadratic_time():
    """Looking at all pairs for each merge would ask n² times."""
    tok = BPETokenizer(small("gpt2")[1])
    tok._ranks = Counted(tok._ranks)
    for length in (2000, 8000):
        tok._ranks.asked = 0
        tok.encode("theynmr" * (length // 7))
        assert 0.9 * length < tok._ranks.asked < 6 * length


def test_remembered_words_are_bounded_and_forgetting_changes_nothing(monkeypatch):
    library, vocabulary = small("gpt2")
    monkeypatch.setattr("utils.text.tokenizer.REMEMBERED_WORDS", 3)
    tok = BPETokenizer(vocabulary)
    for text in CORPUS * 2:
        assert tok.encode(text) == plain_ids(library, text)
        assert len(tok._remembered) <= 3


def test_changing_the_returned_ids_does_not_change_what_is_remembered(pair):
    _, tok = pair
    for word in ("the", "strange"):  # one token, and several
        first = tok.encode(word)
        first.append(0)
        assert tok.encode(word) == first[:-1]
