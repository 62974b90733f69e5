"""Which language a text is in, by its groups of three letters: count them in texts of each language,
and ask which counts make the new text likeliest.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

ADDED = 0.1  # to every count, so that a group that was never seen is unlikely and not impossible
_GROUPS = 50_000  # about how many there could be


def trigrams(text: str) -> list[str]:
    """Every three letters in a row, small, blanks included."""
    text = " ".join(text.lower().split())
    return [text[at : at + 3] for at in range(len(text) - 2)]


class TrigramLanguages:
    """Counts of trigrams for each language.

    texts: for each language, texts to count in. The first `characters` of them are read.
    """

    def __init__(self, texts: Mapping[str, Iterable[str]], characters: int = 200_000):
        self.counts = {
            language: Counter(trigrams(" ".join(some)[:characters]))
            for language, some in texts.items()
        }
        self.totals = {
            language: counts.total() + ADDED * _GROUPS for language, counts in self.counts.items()
        }

    def scores(self, text: str) -> dict[str, float]:
        """The probability of each language, if the text is in one of them; they sum to 1.

        Every trigram counts as if it did not depend on the others.
        """
        log_probs = {
            language: sum(
                math.log((counts[one] + ADDED) / self.totals[language]) for one in trigrams(text)
            )
            for language, counts in self.counts.items()
        }
        highest = max(log_probs.values())
        shares = {language: math.exp(one - highest) for language, one in log_probs.items()}
        return {language: share / sum(shares.values()) for language, share in shares.items()}
