"""Learning merges: a hand-worked example, a plain definition, and the `tokenizers` library's
trainer.
"""

import json
import random
from collections import Counter
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as Library
from tokenizers import models, pre_tokenizers, trainers

from utils.text.bpe_training import _Corpus, count_words, first_merges, merge_steps, train_bpe
from utils.text.tokenizer import BPETokenizer

Steps = list[tuple[tuple[bytes, bytes], int]]


def test_a_worked_example():
    """aaabdaaabac, worked by hand.

    aa stands at 4 places, ab at 2, the others at 1      -> (aa) a b d (aa) a b a c
    (aa)a and ab stand at 2 places; a (97) is older than (aa) (256), so ab  -> (aa) (ab) d (aa) (ab)
    a c (aa)(ab) stands at 2 places                          -> (aaab) d (aaab) a c
    now all stand once: ac, then d(aaab), then (aaab)(daaab), then what is left
    """
    assert list(merge_steps(count_words("aaabdaaabac"))) == [
        ((b"a", b"a"), 4),
        ((b"a", b"b"), 2),
        ((b"aa", b"ab"), 2),
        ((b"a", b"c"), 1),
        ((b"d", b"aaab"), 1),
        ((b"aaab", b"daaab"), 1),
        ((b"aaabdaaab", b"ac"), 1),
    ]


def test_counts_are_those_of_the_words():
    """Low five times, lower twice, newest six times, widest three times: es 9, then est 9, then lo
    7, low 7.
    """
    words = Counter({b"low": 5, b"lower": 2, b"newest": 6, b"widest": 3})
    assert list(islice(merge_steps(words), 4)) == [
        ((b"e", b"s"), 9),
        ((b"es", b"t"), 9),
        ((b"l", b"o"), 7),
        ((b"lo", b"w"), 7),
    ]


def test_of_equal_pairs_the_greater_is_merged_if_asked_for():
    """The same words; e s and s t stand 9 times each, and s is greater than e.

    Then est (e st) 9, and of lo and ow, 7 times each, ow: o is greater than l. Then low (l ow) 7.
    Then west (w est) and ne (n e), 6 times each: w is greater than n.
    """
    words = Counter({b"low": 5, b"lower": 2, b"newest": 6, b"widest": 3})
    assert list(islice(merge_steps(words, tie="greatest"), 6)) == [
        ((b"s", b"t"), 9),
        ((b"e", b"st"), 9),
        ((b"o", b"w"), 7),
        ((b"l", b"ow"), 7),
        ((b"w", b"est"), 6),
        ((b"n", b"e"), 6),
    ]


def test_greater_means_bytes_of_the_left_token_first():
    """After ab, the pairs b a and ab z stand twice each. The id does not decide (ab has 256, b has
    98), nor do the joined bytes: b"b" is greater than b"ab".
    """
    words = Counter({b"ab": 3, b"abz": 2, b"ba": 2})
    assert list(merge_steps(words, tie="greatest")) == [
        ((b"a", b"b"), 5),
        ((b"b", b"a"), 2),
        ((b"ab", b"z"), 2),
    ]
    assert list(merge_steps(words, tie="oldest")) == list(merge_steps(words, tie="greatest"))


def test_an_unknown_tie_rule_is_refused():
    with pytest.raises(ValueError, match="tie is 'first': choose 'oldest' or 'greatest'"):
        train_bpe("abc abd", 300, tie="first")


def test_the_vocabulary_is_bytes_then_merges_then_special_tokens():
    vocabulary = train_bpe("aaabdaaabac", 260, special=["<|end|>", "→"])
    assert vocabulary.tokens[:256] == tuple(bytes([byte]) for byte in range(256))
    assert vocabulary.tokens[256:] == (b"aa", b"ab", b"<|end|>", "→".encode())
    assert vocabulary.merges == ((b"a", b"a"), (b"a", b"b"))
    assert vocabulary.special == {"<|end|>": 258, "→": 259}
    assert BPETokenizer(vocabulary).encode("aaab<|end|>c", allow_special=True) == [
        256,
        257,
        258,
        99,
    ]


def by_definition(words: Counter[bytes], tie: str = "oldest") -> Steps:
    """Count everything anew at each step."""
    texts = {word: [bytes([byte]) for byte in word] for word in words}
    ids = {bytes([byte]): byte for byte in range(256)}
    steps = []
    while counts := sum(
        (Counter({p: words[w] * n for p, n in Counter(pairwise(texts[w])).items()}) for w in words),
        Counter(),
    ):
        if tie == "oldest":
            pair = min(counts, key=lambda p: (-counts[p], ids[p[0]], ids[p[1]]))
        else:
            pair = max(counts, key=lambda p: (counts[p], p))
        steps.append((pair, counts[pair]))
        ids.setdefault(pair[0] + pair[1], len(ids))
        for tokens in texts.values():
            place = 0
            while place < len(tokens) - 1:
                if (tokens[place], tokens[place + 1]) == pair:
                    tokens[place : place + 2] = [pair[0] + pair[1]]
                place += 1
    return steps


def by_library(words: Counter[bytes]) -> list[tuple[bytes, bytes]]:
    """The library's trainer; each byte goes in as one letter from number 256 on, which sorts like
    the bytes.
    """
    library = Library(models.BPE())
    library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=10_000, min_frequency=1, show_progress=False)
    letters = {word: "".join(chr(256 + byte) for byte in word) for word in words}
    library.train_from_iterator(
        [" ".join([letters[word]] * count) for word, count in words.items()], trainer
    )
    merges = json.loads(library.to_str())["model"]["merges"]
    return [
        tuple(bytes(ord(letter) - 256 for letter in token) for token in pair) for pair in merges
    ]


corpora = st.dictionaries(
    st.one_of(
        st.text("ab", min_size=1, max_size=14).map(str.encode), st.binary(min_size=1, max_size=8)
    ),
    st.integers(1, 4),
    max_size=8,
).map(Counter)


@pytest.mark.parametrize("tie", ["oldest", "greatest"])
@settings(max_examples=200, deadline=None)
@given(words=corpora)
def test_each_step_equals_the_definition(words, tie):
    assert list(merge_steps(words, tie)) == by_definition(words, tie)


@settings(max_examples=200, deadline=None)
@given(words=corpora)
def test_merges_equal_the_trainer_of_the_library(words):
    assert [pair for pair, _ in merge_steps(words)] == by_library(words)


@settings(max_examples=100, deadline=None)
@given(text=st.text("abc é\U0001f600\n'12", max_size=200))
def test_everything_merged_makes_each_word_one_token(text):
    vocabulary = train_bpe(text, 100_000)
    tok = BPETokenizer(vocabulary)
    words = count_words(text)
    assert len(vocabulary.tokens) == 256 + len({left + right for left, right in vocabulary.merges})
    assert len(tok.encode(text)) == sum(words.values())


def test_the_order_of_the_words_does_not_matter():
    """Ties, of which random letters have many, are broken by the tokens alone."""
    rng = random.Random(0)
    words = ["".join(rng.choices("abcd", k=6)) for _ in range(60)]
    expected = train_bpe(words, 330)
    assert len(expected.merges) == 74
    for _ in range(5):
        rng.shuffle(words)
        assert train_bpe(words, 330) == expected


@pytest.mark.parametrize("corpus", ["", [], ["", ""], "a", " ", "\n"])
def test_empty_and_tiny_corpora_give_a_smaller_vocabulary(corpus):
    vocabulary = train_bpe(corpus, 300, special=["<|end|>"])
    assert vocabulary.merges == ()
    assert len(vocabulary.tokens) == 257
    assert BPETokenizer(vocabulary).decode(BPETokenizer(vocabulary).encode("naïve")) == "naïve"


def test_no_room_for_merges_is_fine_and_less_is_an_error():
    assert len(train_bpe("aaaa", 258, special=["x", "y"]).tokens) == 258
    with pytest.raises(
        ValueError,
        match=r"vocab_size is 257, but 256 bytes and 2 special tokens need at least 258\.",
    ):
        train_bpe("aaaa", 257, special=["x", "y"])


def test_words_are_counted_within_each_text_and_without_special_tokens():
    assert count_words("the dog, the cat") == {
        b"the": 1,
        b" dog": 1,
        b",": 1,
        b" the": 1,
        b" cat": 1,
    }
    assert count_words(["do", "g"]) == {b"do": 1, b"g": 1}  # not "dog"
    assert count_words("dog<|end|>s", special=["<|end|>"]) == {b"dog": 1, b"s": 1}
    assert count_words("12é", split="smollm") == {b"1": 1, b"2": 1, "é".encode(): 1}
    assert count_words("12é", split="gpt2") == {b"12": 1, "é".encode(): 1}


def test_a_generator_of_texts_is_enough():
    texts = ["the cat", "the hat", "that"]
    assert train_bpe((text for text in texts), 270) == train_bpe(texts, 270)
    assert train_bpe(texts, 270, split="smollm").split == "smollm"


def test_lone_surrogates_are_refused():
    with pytest.raises(ValueError, match="surrogate pair"):
        train_bpe(["fine", "a\udc00"], 300)


@pytest.mark.parametrize("n_merges", [0, 1, 7, 20])
def test_the_first_merges_are_those_of_a_shorter_training(n_merges):
    text = "the cat and the hat and that then they thaw naïve"
    long = train_bpe(text, 256 + 20 + 2, special=["<x>", "→"], split="smollm")
    expected = train_bpe(text, 256 + n_merges + 2, special=["<x>", "→"], split="smollm")
    assert len(long.merges) == 20
    assert first_merges(long, n_merges) == expected
    for wrong in (-1, 21):
        with pytest.raises(ValueError, match=f"n_merges is {wrong}, but this vocabulary has 20"):
            first_merges(long, wrong)


def test_special_tokens_given_twice_are_refused():
    with pytest.raises(ValueError, match=r"the special token '<x>' is given twice"):
        train_bpe("abc", 300, special=["<y>", "<x>", "<x>"])


class Watched(list):
    """A list that notes which places were read."""

    def __init__(self, items):
        super().__init__(items)
        self.read = set()

    def __getitem__(self, place):
        self.read.add(place)
        return super().__getitem__(place)

    def __iter__(self):
        self.read |= set(range(len(self)))
        return super().__iter__()


@pytest.mark.parametrize("pair", [b"et", b"ao"])
def test_a_merge_reads_only_the_words_that_it_changes(pair):
    """Whoever counts all words anew at each step reads them all, and needs minutes for a megabyte."""
    rng = random.Random(1)
    words = sorted(
        {"".join(rng.choices("etaoinsh", k=rng.randint(2, 9))).encode() for _ in range(3000)}
    )
    corpus = _Corpus(dict.fromkeys(words, 1))
    corpus.words, corpus.counts = Watched(corpus.words), Watched(corpus.counts)
    corpus.merge(tuple(pair), 256)
    changed = {place for place, word in enumerate(words) if pair in word}
    assert 100 < len(changed) < len(words) / 4
    assert corpus.words.read == corpus.counts.read == changed
