"""Where special tokens stand in a text, and how a user's text is kept from becoming one.

A model takes orders from its special tokens: after <|im_end|> the turn is over. So somebody who can
smuggle that token into a message can speak in another's name. `shield` puts marks into a message,
invisible to the reader, wherever a special token could begin or be completed; `split_at_special`
heeds them, and `unshield` takes them out again.
"""

import re
from collections.abc import Collection
from functools import lru_cache

# Halves of surrogate pairs: no valid text contains them, so as marks they cannot be mistaken for
#     text, nor forged.
NOT_HERE = "\ud800"  # no special token begins right after this
# no special token reaches across this, as across any character that is none of its own
BREAK = "\ud801"


def split_at_special(text: str, special: Collection[str]) -> list[str]:
    """`text` cut at its special tokens: [plain, special, plain, ..., plain], so the odd places are
    special.

    The leftmost match counts, and the longest of those that begin there.
    """
    return _pattern(tuple(special), f"(?<!{NOT_HERE})(%s)").split(text)


def shield(text: str, special: Collection[str]) -> str:
    """`text` with marks, so that put anywhere into another text no part of it can be taken for a
    special token.

    The ends get a mark only where the text around could complete a special token, so that a
    template still sees ordinary text as it is (and can, say, strip its white space).
    """
    if not text:
        return text
    marked = _pattern(tuple(special), "(?=%s)").sub(NOT_HERE, text)
    tails = [token[cut:] for token in special for cut in range(1, len(token))]
    heads = [token[:cut] for token in special for cut in range(1, len(token))]
    if any(text.startswith(tail) or tail.startswith(text) for tail in tails):
        marked = BREAK + marked
    if any(text.endswith(head) or head.endswith(text) for head in heads):
        marked += BREAK
    return marked


def unshield(text: str) -> str:
    """`text` without the marks of `shield`."""
    return text.replace(NOT_HERE, "").replace(BREAK, "")


@lru_cache(maxsize=64)
def _pattern(special: tuple[str, ...], around: str) -> re.Pattern[str]:
    longest_first = sorted(special, key=len, reverse=True)
    any_special = "|".join(map(re.escape, longest_first)) or "(?!)"  # (?!) matches nowhere
    return re.compile(around % f"(?:{any_special})")
