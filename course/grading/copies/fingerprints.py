"""Fingerprints of code: numbers that two pieces of code share if they share a stretch of tokens,
whatever the names of the variables are.

This is winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003, "Winnowing: Local Algorithms for
Document Fingerprinting"): every stretch of LENGTH tokens has a number, and of each WINDOW numbers
that follow each other the smallest is kept. Two texts with a stretch of LENGTH + WINDOW - 1 tokens
in common always share a number; what is shorter than LENGTH tokens is never seen.
"""

import keyword
import re
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LENGTH, WINDOW = 16, 8  # tokens: a line or two; and so many more until a match is certain
# of one person: a notebook may hold more, and it costs the teacher's time
MOST_TOKENS, MOST_LETTERS = 20_000, 200_000
# a text has a longest length: whoever opens many and closes none would make this slow without end
_COMMENT = 16  # letters, from which on a comment counts: a remark, not a word
_TOKENS = re.compile(
    r'''(?P<comment>\#[^\n]*)
    | (?P<text>[rbfuRBFU]{0,2}(?:"""(?:.{0,5000}?)"""|\'\'\'(?:.{0,5000}?)\'\'\'
        |"(?:\\.|[^"\\\n]){0,500}"|'(?:\\.|[^'\\\n]){0,500}'))
    | (?P<name>[^\W\d]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<sign>[^\w\s])''',
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of code, with names of variables taken out, and the line it stands on, from 0."""

    text: str
    line: int


def tokens(code: str) -> list[Token]:
    """The tokens of Python that may be broken. Comments are no tokens.

    Keywords, numbers, attributes and what is called keep their names; a text is any text.
    """
    found = []
    last, line, at = "", 0, 0
    for match in _TOKENS.finditer(code):
        line += code.count("\n", at, match.start())
        at = match.start()
        if match.lastgroup != "comment":
            found.append(Token(_without_names(match, last, code), line))
            last = match[0]
        if len(found) == MOST_TOKENS:
            break
    return found


def _without_names(match: re.Match[str], last: str, code: str) -> str:
    if match.lastgroup == "text":
        return "text"
    if match.lastgroup != "name" or keyword.iskeyword(match[0]):
        return match[0]
    kept = last == "." or code[match.end() : match.end() + 1] == "("
    return match[0] if kept and last != "def" else "name"


def comments(code: str) -> Iterator[tuple[str, int]]:
    """Each longer comment, only its letters and digits, with its line."""
    for number, line in enumerate(code.splitlines()):
        _, sign, words = line.partition("#")
        letters = re.sub(r"[\W_]+", "", words.casefold())
        if sign and len(letters) >= _COMMENT:
            yield letters, number


def fingerprints(code: str) -> dict[int, set[int]]:
    """The numbers of this code, each with the lines of the stretch where it is first.

    Of code that is very long, only the beginning is looked at.
    """
    code = code[:MOST_LETTERS]
    stretch = tokens(code)
    found: dict[int, set[int]] = {}
    for number, start in _winnowed(stretch):
        lines = {token.line for token in stretch[start : start + LENGTH]}
        found.setdefault(number, lines)
    for letters, line in comments(code):
        found.setdefault(zlib.crc32(b"#" + letters.encode()), {line})
    return found


def _winnowed(stretch: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The numbers that are kept, and where their stretches start."""
    texts = [token.text for token in stretch]
    numbers = [
        zlib.crc32(" ".join(texts[start : start + LENGTH]).encode("utf-8", "replace"))
        for start in range(len(texts) - LENGTH + 1)
    ]
    # places whose numbers grow from left to right; the first is the smallest of the window
    window: deque[int] = deque()
    kept = -1
    for place, number in enumerate(numbers):
        while window and numbers[window[-1]] >= number:
            window.pop()
        window.append(place)
        if window[0] <= place - WINDOW:
            window.popleft()
        full = place >= WINDOW - 1 or place == len(numbers) - 1
        if full and window[0] != kept:
            kept = window[0]
            yield numbers[kept], kept
