"""Sentences for the jobs of heads, and those with two names: balanced, and nothing given away."""

from collections import Counter

import pytest

from utils.data.head_roles import ROLES
from utils.data.two_names import NAMES, two_name_sentences


@pytest.mark.parametrize("role", ROLES)
def test_the_nearer_word_is_right_in_half_of_the_sentences(role):
    for links in ROLES[role]:
        assert len(links) == 12 and len({link.text + link.wanted for link in links}) == 12
        nearer = 0
        for link in links:
            words = link.text.replace(",", "").replace(".", "").split()
            assert words.count(link.wanted) == words.count(link.other) == 1
            assert link.wanted not in (words[0], words[-1])
            nearer += words.index(link.wanted) > words.index(link.other)
        assert nearer == 6


def test_the_test_has_other_words_than_the_search():
    for search, test in ROLES.values():
        asked = [
            {word for link in links for word in (link.wanted, link.other)}
            for links in (search, test)
        ]
        assert not asked[0] & asked[1]


def test_the_last_word_decides_a_pronoun():
    for links in ROLES["a pronoun's name"]:
        for link in links:
            men = {"John", "Tom", "Peter", "James", "Paul", "David"}
            assert link.text.endswith(" He" if link.wanted in men else " She")


def test_two_names_are_drawn_evenly_and_the_due_one_came_once():
    found = two_name_sentences(400, seed=3)
    assert found == two_name_sentences(400, seed=3) != two_name_sentences(400, seed=4)
    first_is_due = 0
    for one in found:
        words = Counter(one.text.replace(",", "").split())
        assert words[one.due] == 1 and words[one.twice] == 2 and one.text.endswith(" to")
        first_is_due += one.text.split()[1] == one.due
    assert 150 < first_is_due < 250
    assert {one.due for one in found} == set(NAMES)
