"""The beginnings of Wikipedia's most important articles in three languages: `articles("english")`.

Each text is the summary with which an article opens, as plain text: 10,033 of them in English, 9,955
in French, 6,239 in Spanish, of the about 10,000 articles that the authors of each Wikipedia count as
vital. The Spanish list has no biology and no physics. They were read in 2026 and are not kept up to
date, a few stand twice (one article under two titles), and a few lists of meanings are cut off in
the middle.

The texts are by the authors of Wikipedia and licensed under CC BY-SA 4.0: whoever shows or passes on
a text names them (`CREDIT` does), and passes on what is made of it under the same licence.
"""

import json
import random
from typing import NamedTuple

from utils.assets.cache import BETWEEN_MEMBERS, fetch

CREDIT = (
    "Text: the authors of Wikipedia, CC BY-SA 4.0 "
    "(https://creativecommons.org/licenses/by-sa/4.0/), cut to the first paragraphs."
)
# The file is three JSON documents, joined in the order of their names: en-us, es-es, fr-fr.
_PLACES = {"english": 0, "spanish": 1, "french": 2}


class Article(NamedTuple):
    """An article's title, the text with which it begins, and its field of knowledge.

    The topic stands in the article's language ("Geography", "Géographie", "Geografía").
    """

    title: str
    text: str
    topic: str


def languages() -> list[str]:
    """The languages that there are, in the order of the alphabet."""
    return sorted(_PLACES)


def articles(language: str) -> list[Article]:
    """The articles of a language, in the order of the collection.

    The first call fetches the file (5 MB). Raises ValueError for another language; AssetError if the
    file cannot be fetched.
    """
    if language not in _PLACES:
        raise ValueError(
            f"there are no articles in {language!r:.40}: take one of {', '.join(languages())}."
        )
    parts = fetch("wikipedia").read_bytes().split(BETWEEN_MEMBERS)
    rows = json.loads(parts[_PLACES[language]])
    return [Article(row["title"], row["extract"], row["topic"]) for row in rows.values()]


def shuffled_bytes(language: str) -> bytes:
    """All articles of a language, each text once, in an order of chance that is always the same.

    Raises as `articles` does.
    """
    texts = sorted({article.text for article in articles(language)})
    random.Random(0).shuffle(texts)
    return "\n".join(texts).encode()
