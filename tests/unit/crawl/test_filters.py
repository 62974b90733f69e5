"""The filters on texts made by hand: each rule alone, addresses, masks, languages, scores."""

import math

import pytest

from utils.crawl import text_measures as measure
from utils.crawl.addresses import site_of, why_bad
from utils.crawl.library_languages import library_score
from utils.crawl.masks import mask
from utils.crawl.rules import C4, FINEWEB, GOPHER, QUALITY, REPETITION, broken_rule, first_broken
from utils.crawl.scores import score, word_score
from utils.crawl.trigram_languages import TrigramLanguages, trigrams

GOOD = """The bakers of the old town rise at three, and they light their ovens in the dark.
A teacher walks to school with her dog, which waits at the gate until noon.
Gardeners like rain in May, but nobody wants to be wet for a whole week.
Painters have come here since the railway was built; some of them stayed.
On Sundays a sailor tells stories that have no end and hardly a beginning.
The doctor, a quiet man, grows tomatoes and gives them to his patients."""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://www.royal-casino.example/x", "site"),
        ("https://royal-casino.example", "site"),
        ("https://fine.example/jackpot-1", "word"),
        ("https://fine.example/free-cash", "suspicious words"),
        ("https://fine.example/free-bread", ""),
        ("https://middlesex-history.example/", "part of a word"),
        ("https://fine.example/cas-ino", "part of a word"),
        ("https://daily-lantern.example/art-carmen-7.html", ""),
    ],
)
def test_addresses(url, why):
    assert why_bad(url) == why


def test_the_site_of_an_address():
    assert site_of("https://www.a-b.example:8080/c?d") == "a-b.example"


def test_trigrams_are_small_and_blanks_count_once():
    assert trigrams("The  Tea") == ["the", "he ", "e t", " te", "tea"] and trigrams("ab") == []


def test_languages_by_bayes_rule_with_two_trigrams():
    """Counted by hand: the first text has aaa three times, the second aaa once and bbb twice."""
    made = TrigramLanguages({"one": ["aaaaa"], "two": ["aaa", "bbbb"]})
    counts = made.counts
    assert counts["one"] == {"aaa": 3} and counts["two"]["bbb"] == 2
    first, second = (3 + 0.1) / (3 + 5000), (1 + 0.1) / (counts["two"].total() + 5000)
    assert made.scores("aaa")["one"] == pytest.approx(first / (first + second))
    assert sum(made.scores("zzz zzz").values()) == pytest.approx(1)


def test_the_library_knows_languages_and_says_which_it_does_not():
    assert library_score("Where is the nearest railway station, please?") > 0.9
    assert library_score("Wo ist der nächste Bahnhof?", "de") > 0.9
    with pytest.raises(ValueError, match="does not know 'xx'"):
        library_score("hello", "xx")


def test_a_good_text_breaks_no_rule_and_all_limits_are_those_of_fineweb():
    assert [broken_rule(GOOD, rules) for rules in QUALITY.values()] == ["", "", "", ""]
    assert first_broken(GOOD) == "" and first_broken(GOOD + " {").startswith("curly")
    highest = [rule.highest for rule in REPETITION.values()]
    assert highest == [0.3, 0.2, 0.2, 0.18, 0.16, 0.15, 0.14, 0.13, 0.12, 0.11, 0.1]
    gopher = [(rule.lowest, rule.highest) for rule in GOPHER.values()]
    assert gopher == [
        *((50, 100_000), (3, 10), (0, 0.1), (0, 0.9), (0, 0.3), (0.8, 1), (2, math.inf))
    ]


@pytest.mark.parametrize(
    ("family", "rule", "text"),
    [
        (REPETITION, "lines that came before", "\n".join(["so it is", "and so on"] * 9)),
        (REPETITION, "characters in the commonest 2 words", "cheap flights " * 3 + GOOD[:60]),
        (REPETITION, "characters in repeated 10 words", f"{GOOD} {GOOD[:160]}"),
        (GOPHER, "words", " ".join(GOOD.split()[:49])),
        (GOPHER, "characters of a word", "extraordinarily uninterruptedly " * 30),
        (GOPHER, "characters of a word", "a be to of it " * 30),
        (GOPHER, "hashes or ellipses for each word", GOOD + " #" * 13),
        (GOPHER, "lines with a bullet", "\n".join(f"• {line}" for line in GOOD.splitlines())),
        (GOPHER, "lines that end in an ellipsis", GOOD.replace(".\n", "...\n")),
        (GOPHER, "words with a letter", GOOD + " 1927" * 40),
        (GOPHER, "the, be, to, of, and, that, have, with", "wir gehen morgen baden " * 20),
        (C4, "curly brackets and lorem ipsum", GOOD + " {"),
        (C4, "curly brackets and lorem ipsum", "Lorem Ipsum. " + GOOD),
        (C4, "sentences", "\n".join(GOOD.splitlines()[:4])),
        (FINEWEB, "lines that end as a sentence", GOOD.replace(".", "")),
        (FINEWEB, "lines of 30 characters or fewer", GOOD.replace(" ", ".\n")),
        (FINEWEB, "characters in lines that came before", f"{GOOD}\n{GOOD.splitlines()[0]}"),
        (FINEWEB, "line feeds for each word", GOOD + "\n" * 60 + "x" * 31 + ".\n"),
    ],
)
def test_each_rule_alone(family, rule, text):
    alone = {rule: family[rule]}
    assert broken_rule(text, alone) == rule
    assert broken_rule(GOOD, alone) == ""


def test_measures_by_hand():
    text = "a b a b c\na b"
    assert measure.in_commonest_group(text, 2) == pytest.approx(3 * 3 / 13)
    assert measure.in_repeated_groups(text, 2) == pytest.approx(2 * 3 / 13)
    assert measure.repeated_lines("x\ny\nx\nx") == 0.5
    assert measure.in_repeated_lines("xx\nyyy\nxx") == pytest.approx(2 / 7)
    assert (
        measure.sentence_count("One is here. Two is here!\nthree words here\nCookie policy. No.")
        == 3
    )
    assert measure.mean_word_length("ab - abcd") == 3
    assert measure.lines_per_word("a\nb\nc d") == pytest.approx(2 / 4)


@pytest.mark.parametrize("rules", QUALITY.values(), ids=QUALITY)
def test_an_empty_text_is_measured_too(rules):
    assert all(math.isfinite(rule.measure("")) for rule in rules.values())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to a.b+c@mail.example.co.uk.", "Write to email@example.com."),
        ("From 8.8.8.8, twice 8.8.4.4.", "From 22.214.171.124, twice 22.214.171.124."),
        ("Printer 192.168.1.7, host 127.0.0.1", "Printer 192.168.1.7, host 127.0.0.1"),
        ("Not 300.1.1.1, nor 1.2.3.4.5", "Not 300.1.1.1, nor 1.2.3.4.5"),
        ("Call +44 20 7946 0958 at 12 Elm Road", "Call +44 20 7946 0958 at 12 Elm Road"),
        ("a (at) example (dot) org, @handle", "a (at) example (dot) org, @handle"),
    ],
)
def test_masks(text, masked):
    assert mask(text) == masked


def test_scores_by_hand():
    assert score({1, 2, 3, 4}, {4, 5}) == (0.25, 0.5)
    assert str(score({1, 2, 3, 4}, {4, 5})) == "precision  25%, recall  50%"
    assert math.isnan(score(set(), {1}).precision) and score(set(), {1}).recall == 0
    assert word_score("a a b", "a b b b c") == pytest.approx((2 / 3, 2 / 5))
