"""A made-up web through all of FineWeb's steps, in its order: which pages are left after each.

for step in clean(make_web(seed=0)):
    print(step.name, len(step.left))
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from functools import cache
from typing import NamedTuple

import numpy as np

from utils.crawl.addresses import why_bad
from utils.crawl.extraction import main_text
from utils.crawl.made_up_web import Page, left_over
from utils.crawl.minhash import candidate_pairs, first_of_each_cluster, shingles, signature
from utils.crawl.rules import QUALITY, broken_rule
from utils.crawl.trigram_languages import TrigramLanguages

ENGLISH = 0.65  # the lowest score that stays
BANDS, ROWS = 14, 8
KNOWN_LANGUAGES = ("english", "french", "spanish")


class Step(NamedTuple):
    """The name of a step, and the places in the web of the pages that are left after it."""

    name: str
    left: tuple[int, ...]


@cache
def known_languages() -> TrigramLanguages:
    """Trigrams of the articles that no page is made of."""
    return TrigramLanguages({language: left_over(language) for language in KNOWN_LANGUAGES})


def without_near_copies(texts: Sequence[str], bands: int = BANDS, rows: int = ROWS) -> list[int]:
    """The places of the texts that stay: of all that hang together by candidate pairs, the first."""
    signatures = np.stack([signature(shingles(text), bands * rows) for text in texts])
    return first_of_each_cluster(len(texts), candidate_pairs(signatures, bands, rows))


class CopiesOfAKind(NamedTuple):
    """Copies in which the same share of sentences was replaced: how many there are, how similar to
    their originals in the mean, and what share of them was thrown out.
    """

    changed: float
    pages: int
    similarity: float
    thrown_out: float


def copies_by_change(
    web: Sequence[Page],
    kept: Sequence[int],
    gone: Set[int],
    similarity_of: Mapping[tuple[int, int], float],
) -> list[CopiesOfAKind]:
    """All copies whose original is there too, by the share of their sentences that are other ones.

    kept: the places in the web of the pages that were looked at; gone: those thrown out of them.
    similarity_of: by two places in `kept`, the lower one first; a pair that is missing has 0.
    """
    place = {at: n for n, at in enumerate(kept)}
    found: dict[float, list[tuple[float, bool]]] = defaultdict(list)
    for at in kept:
        original = web[at].copy_of
        if original in place:
            pair = place[original], place[at]
            found[web[at].changed].append((similarity_of.get(pair, 0.0), at in gone))
    return [
        CopiesOfAKind(changed, len(some), *np.mean(some, axis=0).tolist())
        for changed, some in sorted(found.items())
    ]


def clean(web: Sequence[Page]) -> list[Step]:
    """The steps, beginning with one called "all pages" that keeps everything.

    Masks for personal data come last and remove no page; they are not among the steps.
    """
    left = list(range(len(web)))
    steps = [Step("all pages", tuple(left))]

    def keep(name: str, places: Sequence[int]) -> None:
        left[:] = places
        steps.append(Step(name, tuple(left)))

    keep("addresses", [at for at in left if not why_bad(web[at].url)])
    texts = {at: main_text(web[at].html) for at in left}
    keep("text", [at for at in left if texts[at]])
    english = {at: known_languages().scores(texts[at])["english"] for at in left}
    keep("language", [at for at in left if english[at] >= ENGLISH])
    for name, rules in QUALITY.items():
        keep(name, [at for at in left if not broken_rule(texts[at], rules)])
    keep("near copies", [left[at] for at in without_near_copies([texts[at] for at in left])])
    return steps
