"""Numbers that tell a text for readers from everything else: those that the rules of Gopher, C4 and
FineWeb ask about (Rae et al., arXiv:2112.11446; Raffel et al., arXiv:1910.10683; Penedo et al.,
arXiv:2406.17557). Each takes a text whose lines end in a line feed, and may take an empty one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

STOP_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
_SENTENCE_ENDS = (".", "'", '"', "!", "?")
_SHORT = 30  # characters of a line
_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies")
_FEWEST_WORDS = 3  # of a line that counts


def words(text: str) -> list[str]:
    """The words, without signs that stand alone."""
    return [word for word in text.split() if any(sign.isalnum() for sign in word)]


def word_count(text: str) -> int:
    """How many words there are."""
    return len(words(text))


def mean_word_length(text: str) -> float:
    """In characters."""
    found = words(text)
    return sum(map(len, found)) / max(1, len(found))


def signs_per_word(text: str) -> float:
    """Hashes or ellipses for each word, whichever are more."""
    ellipses = text.count("...") + text.count("…")
    return max(text.count("#"), ellipses) / max(1, word_count(text))


def _share(found: Iterable[bool]) -> float:
    listed = list(found)
    return sum(listed) / max(1, len(listed))


def lines_with_bullet(text: str) -> float:
    """The share of lines that begin with a bullet."""
    return _share(line.lstrip().startswith(("•", "-")) for line in text.splitlines())


def lines_with_ellipsis(text: str) -> float:
    """The share of lines that end in three dots."""
    return _share(line.rstrip().endswith(("...", "…")) for line in text.splitlines())


def words_with_letter(text: str) -> float:
    """The share of words that have a letter."""
    return _share(any(sign.isalpha() for sign in word) for word in text.split())


def stop_words(text: str) -> int:
    """How often one of the eight commonest English words comes."""
    return sum(word.lower().strip(".,;:!?") in STOP_WORDS for word in text.split())


def _repeated(parts: Sequence[str]) -> list[str]:
    """Each part that came before."""
    seen: set[str] = set()
    again = []
    for part in parts:
        if part in seen:
            again.append(part)
        seen.add(part)
    return again


def repeated_lines(text: str) -> float:
    """The share of lines that came before."""
    lines = text.splitlines()
    return len(_repeated(lines)) / max(1, len(lines))


def in_repeated_lines(text: str) -> float:
    """The share of characters that stand in lines that came before."""
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(map(len, _repeated(lines))) / max(1, sum(map(len, lines)))


def in_commonest_group(text: str, size: int) -> float:
    """The share of characters in the group of `size` words that comes most often."""
    found = words(text)
    groups = Counter(" ".join(found[at : at + size]) for at in range(len(found) - size + 1))
    if not groups:
        return 0.0
    most = max(groups.values())
    longest = max(len(group) for group, count in groups.items() if count == most)
    return most * longest / len(text)


def in_repeated_groups(text: str, size: int) -> float:
    """The share of characters in groups of `size` words that came before, none counted twice."""
    found, seen = words(text), set()
    at = repeated = 0
    while at <= len(found) - size:
        group = " ".join(found[at : at + size])
        if group in seen:
            repeated += len(group)
            at += size
        else:
            seen.add(group)
            at += 1
    return repeated / max(1, len(text))


def real_lines(text: str) -> list[str]:
    """C4's lines: those with three words or more that do not speak of JavaScript or cookies."""
    return [
        line
        for line in text.splitlines()
        if len(line.split()) >= _FEWEST_WORDS
        and "javascript" not in line.lower()
        and not any(phrase in line.lower() for phrase in _POLICY)
    ]


def sentence_count(text: str) -> int:
    """The sentences of C4's lines; a line without a full stop is one."""
    return sum(len(re.findall(r"[.!?]+[\"')\]]*(?=\s|$)", line)) or 1 for line in real_lines(text))


def placeholders(text: str) -> int:
    """How often there is a curly bracket or "lorem ipsum"."""
    return text.count("{") + text.lower().count("lorem ipsum")


def lines_with_full_stop(text: str) -> float:
    """The share of lines that end as a sentence does."""
    return _share(line.endswith(_SENTENCE_ENDS) for line in text.split("\n"))


def short_lines(text: str) -> float:
    """The share of lines of 30 characters or fewer."""
    return _share(len(line) <= _SHORT for line in text.split("\n"))


def lines_per_word(text: str) -> float:
    """Line feeds for each word: high in lists."""
    return text.count("\n") / max(1, word_count(text))
