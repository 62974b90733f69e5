"""Capitals and passages: lies that are lies, whole words only, and examples that are numbered right."""

import re

import pytest

from utils.data.capital_passages import (
    COUNTRIES,
    changed,
    cited_questions,
    names_city,
    passage,
    question,
    same_words,
    with_passage,
)
from utils.data.minimal_pairs import CAPITALS

BY_NAME = {one.name: one for one in COUNTRIES}


def test_forty_countries_and_no_lie_is_true():
    assert len(BY_NAME) == len(COUNTRIES) == 40
    assert sum(one.large for one in COUNTRIES) == 20
    assert all(one.city != one.false_city for one in COUNTRIES)
    assert len({one.city for one in COUNTRIES}) == 40
    assert {one.false_city for one in COUNTRIES} == {one.city for one in COUNTRIES}


def test_they_agree_with_the_other_table():
    both = [name for name in CAPITALS if name in BY_NAME]
    assert len(both) > 10
    assert all(BY_NAME[name].city == CAPITALS[name] for name in both)


@pytest.mark.parametrize(
    ("text", "city", "named"),
    [
        ("It is Rome.", "Rome", True),
        ("A Romeo.", "Rome", False),
        ("Kiev is old", "Kyiv", True),
        ("reykjavík", "Reykjavík", False),
        ("Reykjavik.", "Reykjavík", True),
        ("Delhi", "New Delhi", False),
        ("", "Rome", False),
    ],
)
def test_a_city_is_named_as_a_whole_word(text, city, named):
    assert names_city(text, city) is named


def test_changed_replaces_every_mention_and_nothing_else():
    france = BY_NAME["France"]
    text = "Paris is in France. Parisians love Paris."
    assert changed(text, france) == "Tokyo is in France. Parisians love Tokyo."
    assert with_passage(france, passage(france, "Rome")).startswith("France is governed from Rome")
    assert with_passage(france, "").startswith("Question: ")


def test_the_numbered_source_is_the_one_that_answers():
    questions = cited_questions()
    assert [one.country for one in questions] == list(COUNTRIES)
    for one in questions:
        assert names_city(one.passages[one.number - 1], one.country.city)
        assert sum(names_city(text, one.country.city) for text in one.passages) == 1
    assert {one.number for one in questions} == {1, 2, 3}


def test_a_question_shows_its_passages_under_their_numbers_and_distracts_with_its_own_size():
    for one in cited_questions():
        last = one.prompt.split("\n\n")[-1].splitlines()
        numbered = [f"[{number}] {text}" for number, text in zip("123", one.passages, strict=True)]
        assert last == [*numbered, f"Question: {question(one.country)}", "Answer:"]
        sizes = {BY_NAME[text.split(" is governed")[0]].large for text in one.passages}
        assert sizes == {one.country.large}


def test_the_solved_examples_cite_the_passage_that_answers():
    *solved, _ = cited_questions()[0].prompt.split("\n\n")
    assert len(solved) == 2
    for example in solved:
        answer, number = re.search(r"Answer: (\w+) \[(\d)\]", example).groups()
        (named,) = re.findall(rf"\[(\d)\] .*\b{answer}\b", example.split("\nQuestion")[0])
        assert named == number


def test_the_lie_in_the_same_words_is_the_answers_beginning_with_a_false_city():
    for one in COUNTRIES:
        lie = same_words(one)
        assert with_passage(one, lie).count(f"The capital of {one.name} is") == 2
        assert names_city(lie, one.false_city) and not names_city(lie, one.city)


def test_names_of_two_words_are_whole():
    assert BY_NAME["India"].city == "New Delhi" and BY_NAME["Vanuatu"].city == "Port Vila"
    assert BY_NAME["Mauritius"].city == "Port Louis"
