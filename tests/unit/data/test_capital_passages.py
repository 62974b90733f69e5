"""Capitals and passages: lies that are lies, whole words only, and examples that are numbered right."""

import pytest

from utils.data.capital_passages import (
    COUNTRIES,
    changed,
    cited_questions,
    names_city,
    passage,
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
