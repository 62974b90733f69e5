"""The stages of a word, and longest match: worked by hand, and against the tokenizers."""

import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizer_oracles import small

from utils.text.longest_match import longest_match
from utils.text.merge_stages import Stage, merge_stages, merged
from utils.text.tokenizer import BPETokenizer

WORDS = st.one_of(
    st.binary(max_size=40),
    st.lists(st.sampled_from(b" theymnrang12!"), max_size=40).map(bytes),
)


def test_a_word_by_hand():
    """bc was learned first, so ab never comes to be; then (bc) d."""
    merges = [(b"b", b"c"), (b"a", b"b"), (b"bc", b"d")]
    assert merge_stages(b"abcdbc", merges) == [
        Stage([b"a", b"b", b"c", b"d", b"b", b"c"], None),
        Stage([b"a", b"bc", b"d", b"bc"], 0),
        Stage([b"a", b"bcd", b"bc"], 2),
    ]
    assert merge_stages(b"", merges) == [Stage([], None)]


def test_overlapping_places_are_joined_from_the_left():
    assert merged([b"a"] * 5, (b"a", b"a")) == [b"aa", b"aa", b"a"]
    assert merged([b"a", b"b", b"a"], (b"b", b"a")) == [b"a", b"ba"]


@settings(max_examples=200, deadline=None)
@given(word=WORDS)
def test_the_last_stage_is_what_the_tokenizer_gives(word):
    vocabulary = small("gpt2")[1]
    stages = merge_stages(word, vocabulary.merges)
    assert stages[-1].tokens == BPETokenizer(vocabulary).merge_word(word)
    ranks = [stage.rank for stage in stages[1:]]
    assert all(b"".join(stage.tokens) == word for stage in stages)
    assert len(set(ranks)) == len(ranks)


@settings(max_examples=200, deadline=None)
@given(word=WORDS)
def test_longest_match_equals_a_regular_expression(word):
    """Alternatives in the order of their lengths, the longest first, tried from the left."""
    vocabulary = small("gpt2")[1]
    by_length = sorted(vocabulary.ordinary_ids, key=len, reverse=True)
    pattern = regex.compile(b"|".join(map(regex.escape, by_length)), regex.DOTALL)
    assert longest_match(word, vocabulary.ordinary_ids) == pattern.findall(word)


def test_longest_match_leaves_out_bytes_without_a_token():
    assert longest_match(b"xabyba", {b"a", b"b", b"ab"}) == [b"ab", b"b", b"a"]
