"""The articles: one language each, whole, and without anything else."""

import json
from itertools import pairwise

import pytest

from utils.assets.cache import fetch
from utils.assets.catalogue import ASSETS
from utils.data import wikipedia
from utils.data.wikipedia import CREDIT, Article, articles, languages, shuffled_bytes

COUNTS = {"english": 10_033, "french": 9_955, "spanish": 6_239}
BEGINNINGS = {
    "english": ("Tomato", "The tomato "),
    "french": ("Tomate", "La tomate "),
    "spanish": ("Madrid", "Madrid es "),
}
# words that nearly every text of a language has, and hardly any of another
LITTLE_WORDS = {"english": " of ", "french": " du ", "spanish": " del "}


@pytest.fixture(scope="module")
def texts() -> dict[str, list[Article]]:
    return {language: articles(language) for language in languages()}


def test_there_are_three_languages():
    assert languages() == sorted(COUNTS)


@pytest.mark.parametrize("language", COUNTS)
def test_counts_as_the_carrier_states_them(language, texts):
    assert len(texts[language]) == COUNTS[language]
    assert all(article.title and article.topic for article in texts[language])
    assert all(article.text == article.text.strip() != "" for article in texts[language])


@pytest.mark.parametrize("language", COUNTS)
def test_a_known_article_begins_as_it_should(language, texts):
    title, beginning = BEGINNINGS[language]
    (text,) = [article.text for article in texts[language] if article.title == title]
    assert text.startswith(beginning)


@pytest.mark.parametrize("language", COUNTS)
def test_the_texts_are_in_their_language(language, texts):
    def share(word: str) -> float:
        found = [word in article.text for article in texts[language]]
        return sum(found) / len(found)

    shares = {other: share(word) for other, word in LITTLE_WORDS.items()}
    own = shares.pop(language)
    assert own > 0.4 > 0.1 > max(shares.values())


def test_the_file_is_the_three_documents_of_the_carrier(texts):
    """Read from the file as a stream of JSON documents, without the reader's cut."""
    decoder, rest = json.JSONDecoder(), fetch("wikipedia").read_text(encoding="utf-8")
    found = []
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append([row["extract"] for row in document.values()])
        rest = rest[end:].lstrip()
    expected = [
        [article.text for article in texts[name]] for name in ("english", "spanish", "french")
    ]
    assert found == expected


def test_the_licence_is_named_with_the_texts():
    assert "CC BY-SA 4.0" in CREDIT and "Wikipedia" in CREDIT
    assert ASSETS["wikipedia"].licence.startswith("CC BY-SA 4.0")


@pytest.mark.parametrize("language", ["English", "german", "", "x" * 99])
def test_another_language_is_refused_in_one_sentence(language, monkeypatch):
    monkeypatch.setattr(wikipedia, "fetch", None)  # nothing is fetched for it
    pattern = r"^there are no articles in .{1,45}: take one of english, french, spanish\.$"
    with pytest.raises(ValueError, match=pattern):
        articles(language)


def test_shuffled_bytes_are_all_texts_once_in_another_order(texts):
    lines = shuffled_bytes("spanish").decode()
    in_order = sorted({article.text for article in texts["spanish"]})
    assert len(lines) == len("\n".join(in_order)) and lines != "\n".join(in_order)
    assert all(text in lines for text in in_order[::500])
    assert shuffled_bytes("spanish").decode() == lines
    # no run of neighbours: of 200 texts, few stand beside the one that the alphabet has there
    beside = sum(f"{one}\n{other}" in lines for one, other in pairwise(in_order[:200]))
    assert beside < 5
