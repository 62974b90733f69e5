import pytest

from utils.data.near_questions import (
    CAPITAL_QUESTIONS,
    Decimals,
    capital_questions,
    decimals,
    larger_question,
    letter_questions,
    newer_question,
)


@pytest.mark.parametrize("trap", [True, False])
def test_pairs_are_what_they_should_be(trap):
    pairs = decimals(60, trap, seed=2)
    assert len(set(pairs)) == 60
    for pair in pairs:
        short, long = pair.texts
        assert (float(short) > float(long)) == trap == pair.trap
        assert float(pair.larger) == max(float(short), float(long))
        assert int(short.split(".")[1]) < int(
            long.split(".")[1]
        )  # as versions the long one is newer
        assert short.split(".")[1][0] != long.split(".")[1][0]
    assert decimals(60, trap, seed=2) == pairs != decimals(60, trap, seed=3)


def test_questions_have_both_orders():
    pair = Decimals(9, 9, 11)
    assert larger_question(pair, False) == "Which number is larger, 9.9 or 9.11?"
    assert newer_question(pair, True) == "Which version of the program is newer, 9.11 or 9.9?"
    assert pair.larger == "9.9"


def test_letters_are_counted():
    found = letter_questions(["strawberry", "tattoo"])
    assert found == [
        ("strawberry", "r", 3),
        ("strawberry", "a", 1),
        ("tattoo", "t", 3),
        ("tattoo", "a", 1),
    ]
    assert all(count == word.count(letter) > 0 for word, letter, count in letter_questions())


def test_capitals_in_all_wordings():
    found = capital_questions(["Peru", "Iran"])
    assert len(found) == 2 * len(CAPITAL_QUESTIONS)
    assert ("Peru", "Lima", "What is the capital of Peru?") in found
    assert all(country in question for country, _, question in found)


def test_too_many_pairs_are_refused():
    with pytest.raises(ValueError, match="give a number from 1 to"):
        decimals(100_000, True)
