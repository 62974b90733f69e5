"""The four tests of a reader: from which text, how many, and whose names."""

import random
import re

from utils.data.reading_tests import COUNT, EACH, reading_tests
from utils.training import choice_test
from utils.training.small_reader import reading_of

CHANCE = random.Random(3)
WORDS = [
    "person",
    "bitter",
    "gentle",
    "sorrow",
    "castle",
    "answer",
    "mother",
    "whisper",
    "forest",
    "summer",
]


def scene(speaker, lines):
    """Speeches of ten words, a verb with its subject in each."""
    verbs = ("and I am here", "and he is there", "as thou art now", "as you are now")
    speeches = [
        f"{speaker}.\nNow {' '.join(CHANCE.sample(WORDS, 10))} {verbs[n % 4]} again.\n\n"
        for n in range(lines)
    ]
    return "-" * 60 + "\n" + "".join(speeches)


READ = scene("HAMLET", 240) + scene("OPHELIA", 99)
UNREAD = scene("PROSPERO", 240).replace("castle", "island")


def test_names_are_those_spoken_often_in_what_is_read_and_the_rest_is_unread():
    tests = reading_tests(READ, UNREAD)
    assert {one.right for one in tests["names"]} == {"HAMLET"}
    assert all(one.before + one.right + one.after in READ for one in tests["names"])
    for name in ("spelling", "words", "agreement"):
        assert all(one.before + one.right + one.after in UNREAD for one in tests[name]), name
    # whole words, and not the same place twice
    assert {one.right for one in tests["words"]} <= set(re.findall(r"[a-z]+", UNREAD))
    assert len({one.before for one in tests["spelling"]}) > COUNT / 2


def test_as_many_pairs_as_were_asked_for_or_as_there_are():
    tests = reading_tests(READ, UNREAD)
    assert {name: len(pairs) for name, pairs in tests.items()} == {
        "spelling": COUNT,
        "names": COUNT,
        "words": COUNT,
        "agreement": 4 * EACH,
    }


def test_the_seed_draws_them_and_a_reading_has_the_same():
    tests = reading_tests(READ, UNREAD)
    others = reading_tests(READ, UNREAD, seed=2)
    assert tests == reading_tests(READ, UNREAD, seed=1)
    assert all(tests[name] != others[name] for name in tests)
    assert choice_test.tests_of(reading_of(READ, UNREAD)) == tests
