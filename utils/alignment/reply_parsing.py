"""What did a reply answer? The letter of a multiple choice, or a number, out of free text.

Parsers are part of a measurement. A strict one calls a right answer wrong, a lax one finds an
answer where there is none; so say which one was used. These give None where no answer can be told.
"""

import re
from collections.abc import Sequence

# 1,234.5 and 1234.5 and -3 and .5 and $7; not the 2 in "x2", nor the dot that ends a sentence
_NUMBER = re.compile(r"(?<![\w.])-?\$?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?![\w])")
_SAID = r"(?:answer|choice|option)(?:\s+(?:is|would be|must be))?\s*:?\s*"


def parse_choice(reply: str, letters: Sequence[str] = ("A", "B", "C", "D")) -> str | None:
    """The letter that a reply to a multiple-choice question settles on, or None.

    In this order: "the answer is B" (the last such), a reply that begins with the letter, and a
    letter in brackets or alone, if only one letter is named so. "A" as the English article names
    nothing. Raises ValueError unless the letters are capital letters.
    """
    if not letters or any(not re.fullmatch("[A-Z]", letter) for letter in letters):
        raise ValueError(f"letters are {list(letters)}; give capital letters such as A, B, C, D.")
    one = f"[{''.join(letters)}]"
    said = re.findall(rf"(?i:{_SAID})[*(\"']*({one})(?![\w'])", reply)
    if said:
        return str(said[-1])
    begins = re.match(rf"\s*[*(\"']*({one})(?:[).:*\"']|\s*$)", reply)
    if begins:
        return begins.group(1)
    named = set(re.findall(rf"\(({one})\)", reply)) or set(
        re.findall(rf"(?<![\w'])({one})(?=[.,;:)]|\s*$)", reply)
    )
    return named.pop() if len(named) == 1 else None


def parse_number(reply: str) -> float | None:
    """The last number of a reply, or None if it has none.

    Commas between thousands and a dollar sign are taken out; a dot that ends the sentence is no part
    of it. Numbers in words are not read.
    """
    found = [match for match in _NUMBER.findall(reply) if any(map(str.isdigit, match))]
    return float(found[-1].replace(",", "").replace("$", "")) if found else None
