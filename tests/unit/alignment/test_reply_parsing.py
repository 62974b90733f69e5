import pytest

from utils.alignment.reply_parsing import parse_choice, parse_number


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("The correct answer is B.", "B"),
        ("the answer is (C), because A is too small", "C"),
        ("Answer: D", "D"),
        ("**Answer: A**", "A"),
        ("B", "B"),
        ("  (C) 42", "C"),
        ("A. Paris", "A"),
        ("The answer is A. No: the answer is D.", "D"),
        ("I would choose (B).", "B"),
        ("It must be C.", "C"),
        ("Option D is right", "D"),
        ("I think that a cat is bigger", None),
        ("A cat is bigger", None),
        ("Either (A) or (B)", None),
        ("The answer is 42", None),
        ("The answer is E.", None),
        ("Because", None),
        ("", None),
    ],
)
def test_the_letter_of_a_choice(reply, letter):
    assert parse_choice(reply) == letter


def test_other_letters():
    assert parse_choice("The answer is E.", "ABCDE") == "E"
    assert parse_choice("The answer is B.", ["A", "C"]) is None
    for bad in ([], ["a"], ["AB"]):
        with pytest.raises(ValueError, match="capital letters"):
            parse_choice("A", bad)


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        ("She has 42 apples.", 42),
        ("First 3, then 4: 12", 12),
        ("That is $1,234.50 in all.", 1234.5),
        ("-7", -7),
        ("It costs $-3", -3),
        ("between 2 and 1,000,000.", 1_000_000),
        ("about .5", 0.5),
        ("9.11 is less than 9.9.", 9.9),
        ("#### 72", 72),
        ("x2 is a name", None),
        ("forty-two", None),
        ("1,2", 2),
        ("...", None),
        ("", None),
    ],
)
def test_the_last_number(reply, number):
    assert parse_number(reply) == number
