"""Long texts read piece by piece, and cut again so that no word stands in two pieces.

A file is read in lines or in blocks, and a block may end in the middle of a word. Encoded block by
block, its ids would differ from those of the whole text. Between a character that is no white space
and one that is, every rule of utils.text.pre_tokenization ends a word, whatever stands around it:
there a text may be cut.
"""

from collections.abc import Collection, Iterable, Iterator

import regex

from utils.text.pre_tokenization import require_text

_FROM_THE_END = regex.compile(r"(?r)(?<=\S)(?=\s)")


def whole_words(texts: str | Iterable[str], special: Collection[str] = ()) -> Iterator[str]:
    """The joined `texts` in pieces that end where a word ends.

    Encoded one by one, or given to `train_bpe`, the pieces are what the whole text is; an open file
    can be given, which is read line by line. No more is held than one of `texts` and the run
    without white space before it. No token of `special` is cut either, even one with white space in
    it. Raises TypeError for a text that is none, ValueError for lone surrogates.
    """
    spread = [token for token in special if _FROM_THE_END.search(token)]
    rest = ""
    for text in [texts] if isinstance(texts, str) else texts:
        require_text(text)
        rest += text
        cut = _last_cut(rest, spread)
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _last_cut(text: str, spread: Collection[str]) -> int:
    """The last place where `text` may be cut, whatever comes after it; 0 if there is none.

    `spread`: the special tokens that have such a place inside.
    """
    borders = (border.start() for border in _FROM_THE_END.finditer(text))
    return next(
        (at for at in borders if not any(_may_reach_across(text, at, token) for token in spread)), 0
    )


def _may_reach_across(text: str, at: int, token: str) -> bool:
    """Whether `token` stands around the place `at`, or does if the right text comes next."""
    starts = range(max(0, at - len(token) + 1), at)
    return any(token.startswith(text[start : start + len(token)]) for start in starts)
