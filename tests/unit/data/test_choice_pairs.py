"""Pairs of texts: they are what they say, and the commoner form wins no test."""

from collections import Counter

from utils.data import minimal_pairs
from utils.data.choice_pairs import (
    AFTER,
    BEFORE,
    agreement_pairs,
    name_pairs,
    spelling_pairs,
    word_pairs,
)

LINE = (
    "HAMLET.\nNow I am here, and he is there; thou hast gold, while I have nothing at all, "
    "and said person whispered: thou art late, you are early, I will go and thou wilt stay.\n\n"
)
TEXT = "x" * 60 + LINE * 30


def test_each_pair_stands_in_the_text():
    for pairs in (
        spelling_pairs(TEXT, 12, 1),
        word_pairs(TEXT, 12, 1),
        name_pairs(TEXT, ["HAMLET"], 12, 1),
        agreement_pairs(TEXT, 4, 1),
    ):
        assert len(pairs) >= 12
        for one in pairs:
            assert one.before + one.right + one.after in TEXT
            assert len(one.before) == BEFORE and len(one.after) == AFTER
            assert len(one.right) == len(one.wrong) and one.right != one.wrong


def test_wrong_spellings_have_the_same_letters_and_other_words_are_words():
    for one in spelling_pairs(TEXT, 20, 3) + name_pairs(TEXT, ["HAMLET"], 5, 3):
        assert sorted(one.right) == sorted(one.wrong)
    for one in word_pairs(TEXT, 20, 3):
        assert f" {one.wrong}" in TEXT and sorted(one.right) != sorted(one.wrong)


def test_each_form_is_right_as_often_as_it_is_wrong():
    pairs = agreement_pairs(TEXT, 6, 2)
    right, wrong = Counter(one.right for one in pairs), Counter(one.wrong for one in pairs)
    assert right == wrong and set(right) >= {"am", "is", "have", "hast", "art", "are"}


def test_the_same_seed_draws_the_same_pairs():
    assert spelling_pairs(TEXT, 9, 5) == spelling_pairs(TEXT, 9, 5) != spelling_pairs(TEXT, 9, 6)


def test_twenty_of_each_kind_and_every_right_end_is_also_wrong():
    for pairs in (
        minimal_pairs.fact_pairs(),
        minimal_pairs.logic_pairs(),
        minimal_pairs.code_pairs(),
    ):
        assert len(pairs) == 20 == len({one.prompt for one in pairs})
        assert Counter(one.right for one in pairs) == Counter(one.wrong for one in pairs)
    for between in (False, True):
        pairs = minimal_pairs.grammar_pairs(between)
        assert len(pairs) == 20
        assert Counter(one.right for one in pairs) == Counter(one.wrong for one in pairs)
        assert all((" near " in one.prompt) == between for one in pairs)
