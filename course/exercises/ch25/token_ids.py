"""Exercise 25.1: from a text to token ids, with an encoder of words that is given."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import torch

from course.judging.exercise import exercise

Merges = list[list[int]]
Encoder = Callable[[list[int], Merges], list[int]]


@exercise(
    "25.1",
    minutes=10,
    hints=(
        "First the pieces, as texts: for the word a7b they are _a, 7 and b; for 12 they are _, 1 "
        "and 2. Then each piece goes through encode_word.",
        "Walk through a word with a piece that begins as '_'. A digit closes the piece that is open "
        "(if it is not empty), stands as a piece of its own, and opens an empty one.",
        "A piece becomes bytes by list(piece.encode('utf-8')), and these become ids by "
        "encode_word(…, merges). Join the ids of all pieces with +=.",
    ),
)
def token_ids(text: str, encode_word, merges: list[list[int]]) -> list[int]:
    """Glue: a whole text as token ids, by an encoder that knows single words only.

    Split the text at white space. In front of each word an underscore is put, which
    stands for the space. Then every digit becomes a piece of its own, and so does what
    is left between digits: "add 12b" becomes _add, _, 1, 2, b. Digits are 0 to 9.

    encode_word: a function. encode_word(word, merges) gives the ids of a word, which it
        takes as its bytes in UTF-8, a list of numbers.
    merges: what encode_word needs. Give it on as it is.
    Returns the ids of all pieces, one after the other, as one list.
    """
    ids = []
    for word in text.split():
        pieces = ["_"]
        for character in word:
            if character in "0123456789":
                pieces += [character, ""]
            else:
                pieces[-1] += character
        for piece in pieces:
            if piece:
                ids += encode_word(list(piece.encode("utf-8")), merges)
    return ids


@token_ids.also_right
def _with_a_pattern(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    import re

    ids = []
    for word in text.split():
        for piece in re.findall(r"[0-9]|[^0-9]+", f"_{word}"):
            ids.extend(encode_word([*piece.encode()], merges))
    return ids


@token_ids.also_right
def _cut_by_blanks(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    marked = " ".join(f"_{word}" for word in text.split())
    for digit in "0123456789":
        marked = marked.replace(digit, f" {digit} ")
    return [id for piece in marked.split() for id in encode_word(list(piece.encode()), merges)]


def _glued(
    text: str,
    encode_word: Encoder,
    merges: Merges,
    *,
    mark: str = "_",
    pattern: str = r"[0-9]|[^0-9]+",
) -> list[int]:
    """The right way, with another mark in front of words or another rule for pieces."""
    import re

    ids = []
    for word in text.split():
        for piece in re.findall(pattern, f"{mark}{word}"):
            ids += encode_word(list(piece.encode()), merges)
    return ids


@token_ids.wrong(
    "Where does a new word begin? Without the underscore in front nobody can tell 'to get' from "
    "'toget'."
)
def _no_mark(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    return _glued(text, encode_word, merges, mark="")


@token_ids.wrong(
    "What about digits? Each one is a piece of its own: 12 is three pieces, _ and 1 and 2."
)
def _digits_together(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    return _glued(text, encode_word, merges, pattern=r".+")


@token_ids.wrong("Is 12 one piece or two? Here the digits of a number stay together.")
def _numbers_together(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    return _glued(text, encode_word, merges, pattern=r"[0-9]+|[^0-9]+")


@token_ids.wrong(
    "Where does an underscore stand? In front of each word, and not in front of each piece: 12 is "
    "_, 1, 2."
)
def _mark_on_digits(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    import re

    ids = []
    for word in text.split():
        for piece in re.findall(r"[0-9]|[^0-9]+", word):
            ids += encode_word(list(f"_{piece}".encode()), merges)
    return ids


@token_ids.wrong(
    "Which way round? The underscore belongs in front of a word. Here it stands behind."
)
def _mark_behind(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    import re

    ids = []
    for word in text.split():
        for piece in re.findall(r"[0-9]|[^0-9]+", f"{word}_"):
            ids += encode_word(list(piece.encode()), merges)
    return ids


@token_ids.wrong(
    "Which merges does encode_word get? Here it gets none, and every byte stays alone."
)
def _without_merges(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    return _glued(text, encode_word, [])


@token_ids.wrong(
    "Bytes or characters? A letter such as é is two bytes in UTF-8; ord gives one number for it."
)
def _characters(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    import re

    ids = []
    for word in text.split():
        for piece in re.findall(r"[0-9]|[^0-9]+", f"_{word}"):
            ids += encode_word([ord(character) for character in piece], merges)
    return ids


@token_ids.wrong(
    "Are the digits in it? Here they are lost: only what stands between them is encoded."
)
def _digits_lost(text: str, encode_word: Encoder, merges: Merges) -> list[int]:
    return _glued(text, encode_word, merges, pattern=r"[^0-9]+")


def _encoder(shift: int) -> Encoder:
    def encode_word(word: list[int], merges: Merges) -> list[int]:
        """an encoder of words"""
        ids = list(word)
        for rank, (left, right) in enumerate(merges):
            at = 0
            while at < len(ids) - 1:
                if ids[at] == left and ids[at + 1] == right:
                    ids[at : at + 2] = [256 + rank]
                at += 1
        return [id + shift for id in ids]

    return encode_word


def _pairs(words: list[str], count: int, rng: torch.Generator) -> Merges:
    """Pairs of bytes that stand in these words with their mark, so that something is merged."""
    data = [list(f"_{word}".encode()) for word in words]
    there = [[a, b] for one in data for a, b in pairwise(one)]
    chosen = torch.randperm(len(there), generator=rng)[:count].tolist()
    return [there[place] for place in chosen]


@token_ids.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[str, Encoder, Merges]]:
    yield "add 12b", _encoder(0), [[95, 97], [256, 100]]
    yield "été 7 thé", _encoder(0), [[95, 116], [195, 169]]
    for letters, count, n_merges in (
        ("abc", 3, 2),
        ("abé", 6, 4),
        ("ab1", 5, 3),
        ("a12", 7, 4),
        ("éü3", 6, 5),
        ("ab90", 10, 6),
        ("cé07", 12, 6),
        ("abcd5", 20, 8),
        ("xyz", 4, 5),
    ):
        words = []
        for _ in range(count):
            size = int(torch.randint(1, 6, (1,), generator=rng))
            drawn = torch.randint(len(letters), (size,), generator=rng).tolist()
            words.append("".join(letters[place] for place in drawn))
        shift = int(torch.randint(9, (1,), generator=rng))
        numbers = torch.randint(10, 100, (2,), generator=rng).tolist()
        text = "  ".join([*words, "é" + str(numbers[0]), str(numbers[1])]) + "\n"
        yield text, _encoder(shift), _pairs(words, n_merges, rng)
