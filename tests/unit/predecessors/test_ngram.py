"""The counting model against a hand-worked example, the formula in exact fractions, and its limits."""

import math
import random
from fractions import Fraction

import pytest

from utils.predecessors.ngram import NGram

TEXT = "the cat sat on the mat, and the dog sat on the cat; naïve dogs nap."


def by_definition(data: bytes, n: int, byte: int, context: bytes) -> Fraction:
    """The formula of Witten and Bell, from longest to shortest context, over a list of all that
    followed it.
    """
    context = context[max(0, len(context) - (n - 1)) :] if n > 1 else b""
    followers = [
        data[i]
        for i in range(len(data))
        if i >= len(context) and data[i - len(context) : i] == context
    ]
    lower = Fraction(1, 256) if not context else by_definition(data, n, byte, context[1:])
    kinds = len(set(followers))
    return (
        (followers.count(byte) + kinds * lower) / (len(followers) + kinds) if followers else lower
    )


def test_worked_by_hand():
    """ "abab": after nothing a and b twice each; after a came b twice and nothing else; after b
    came a once.
    """
    model = NGram(2).fit("abab")
    either = (2 + 2 * (1 / 256)) / (4 + 2)
    assert model.probability("a", "") == pytest.approx(either) == pytest.approx(0.334635416)
    assert (
        model.probability("b", "a")
        == pytest.approx((2 + 1 * either) / (2 + 1))
        == pytest.approx(0.778211806)
    )
    assert (
        model.probability("a", "b")
        == pytest.approx((1 + 1 * either) / (1 + 1))
        == pytest.approx(0.667317708)
    )
    assert model.probability("c", "") == pytest.approx(2 / 256 / 6)
    assert model.probability("c", "a") == pytest.approx(2 / 256 / 6 / 3)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_definition(n):
    data, model = TEXT.encode(), NGram(n).fit(TEXT)
    contexts = ["", "t", "th", " the", "sat on the", "xyz", "zzth", "the c", "na", "p.", "ï"]
    for context in contexts:
        for following in "aehtz ,.\n":
            expected = by_definition(data, n, ord(following), context.encode())
            assert model.probability(following, context) == pytest.approx(
                float(expected), rel=1e-12
            )


@pytest.mark.parametrize("n", [1, 2, 4])
def test_every_context_gives_a_distribution_over_all_bytes(n):
    rng = random.Random(n)
    model = NGram(n).fit("".join(rng.choices("abcde \n", k=300)))
    for context in [b"", b"a", b"ab", b"abc", b"zzz", b"\xff\x00", b"bcdeabcde"]:
        chances = [model.byte_probability(byte, context) for byte in range(256)]
        assert min(chances) > 0
        assert sum(chances) == pytest.approx(1, rel=1e-12)


def test_n_1_has_no_context():
    model = NGram(1).fit(TEXT)
    assert len({model.probability("a", context) for context in ("", "c", "the c", "☃")}) == 1
    assert NGram(2).fit(TEXT).probability("a", "c") != model.probability("a", "c")


def test_only_the_last_bytes_count():
    model = NGram(3).fit(TEXT)
    assert model.probability("e", "th") == model.probability("e", "no matter what, th")
    assert model.probability("e", "th") != model.probability("e", "xh")


def test_an_unseen_context_falls_back_to_the_shorter_one():
    model = NGram(3).fit(TEXT)
    assert "zh" not in TEXT and "h" in TEXT
    assert model.probability("e", "zh") == NGram(2).fit(TEXT).probability("e", "h")
    # the z was never read either
    assert model.probability("e", "zz") == NGram(1).fit(TEXT).probability("e", "")


def test_several_bytes_multiply():
    model = NGram(3).fit(TEXT)
    steps = (
        model.probability("c", "e ") * model.probability("a", " c") * model.probability("t", "ca")
    )
    assert model.probability("cat", "e ") == pytest.approx(steps, rel=1e-12)
    bytes_of_i = "ï".encode()
    expected = model.byte_probability(bytes_of_i[0], b"na") * model.byte_probability(
        bytes_of_i[1], b"a" + bytes_of_i[:1]
    )
    assert model.probability("ï", "na") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_bits_per_byte_is_the_mean_surprise_at_the_bytes(n):
    data, held_out = TEXT.encode(), "a naïve cat"
    given = held_out.encode()
    bits = [-math.log2(by_definition(data, n, byte, given[:at])) for at, byte in enumerate(given)]
    assert len(bits) == len(held_out) + 1  # ï has two bytes
    assert NGram(n).fit(TEXT).bits_per_byte(held_out) == pytest.approx(
        sum(bits) / len(bits), rel=1e-12
    )


def test_a_long_text_does_not_underflow():
    model = NGram(1).fit("ab" * 5000)
    assert model.bits_per_byte("ba" * 5000) == pytest.approx(1, abs=1e-3)
    assert NGram(2).fit("ab" * 5000).bits_per_byte("ab" * 5000) < 0.01


def test_before_fit_it_knows_nothing():
    assert NGram(3).bits_per_byte("hello, nobody") == 8
    assert NGram(3).probability("x", "ab") == 1 / 256


def test_fit_forgets_what_was_counted_before():
    again = NGram(2).fit("zzzzzzzz").fit(TEXT)
    assert again.probability("z", "z") == NGram(2).fit(TEXT).probability("z", "z")


def test_a_question_changes_no_answer():
    model = NGram(3).fit(TEXT)
    before = model.bits_per_byte("unseen contexts: xyzzy")
    assert model.bits_per_byte("unseen contexts: xyzzy") == before


def test_a_text_shorter_than_n():
    assert NGram(5).fit("ab").probability("b", "a") == NGram(2).fit("ab").probability("b", "a")


def test_longer_contexts_help_until_they_are_rare():
    rng = random.Random(0)
    words = ["alpha", "beta", "gamma", "delta", "epsilon"]
    training, held_out = (" ".join(rng.choices(words, k=k)) for k in (400, 60))
    bits = [NGram(n).fit(training).bits_per_byte(held_out) for n in (1, 2, 3)]
    assert bits[0] > bits[1] > bits[2]


@pytest.mark.parametrize("n", [0, -2])
def test_n_must_be_positive(n):
    with pytest.raises(ValueError, match=f"n is {n}; .* give 1 or more"):
        NGram(n)


@pytest.mark.parametrize(
    "use",
    [
        lambda: NGram(2).fit(""),
        lambda: NGram(2).bits_per_byte(""),
        lambda: NGram(2).probability("", "a"),
    ],
)
def test_an_empty_text_is_refused_in_a_sentence(use):
    with pytest.raises(ValueError, match=r"the text is empty.*at least one character"):
        use()


def test_a_refused_text_leaves_the_counts_alone():
    model = NGram(2).fit(TEXT)
    with pytest.raises(ValueError, match="surrogate"):
        model.fit("\ud800")
    assert model.probability("h", "t") == NGram(2).fit(TEXT).probability("h", "t")
    with pytest.raises(ValueError, match="surrogate"):
        model.probability("a", "\ud800")
