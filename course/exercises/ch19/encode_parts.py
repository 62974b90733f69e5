"""Exercise 19.2: ids of a conversation in which a typed mark stays text."""

import re
from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "19.2",
    minutes=6,
    hints=(
        "Look at one part at a time. Is it the template's? If not, no mark counts in it, and each "
        "character is a token.",
        "In a part of the template's, go from left to right: if the text goes on with the mark here, "
        "add its id and jump over it, else add the character's code.",
        'For the template: "text.startswith(mark, at)" tells whether the mark begins at place at. '
        "Never join the parts before you encode them.",
    ),
)
def encode_parts(texts: list[str], by_template: list[bool], mark: str, mark_id: int) -> list[int]:
    """The ids of a conversation in which a typed mark stays text.

    A small tokenizer: the id of a character is its code, ord(character). There is one special
    token, written as `mark`, with the id `mark_id`. Only the template may write it.

    texts: the parts of a rendered conversation, in order.
    by_template: for each part, whether the template wrote it (True) or somebody typed it (False).
    mark: such as "<end>"; two characters or more. Its own characters have codes, too.
    Returns the ids of all parts, one after the other: every mark in a part of the template's becomes
    mark_id, and everything else its characters' codes.
    """
    ids = []
    for text, trusted in zip(texts, by_template, strict=True):
        at = 0
        while at < len(text):
            special = trusted and text.startswith(mark, at)
            ids.append(mark_id if special else ord(text[at]))
            at += len(mark) if special else 1
    return ids


@encode_parts.also_right
def _split_at_the_mark(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    ids: list[int] = []
    for text, trusted in zip(texts, by_template, strict=True):
        pieces = text.split(mark) if trusted else [text]
        for number, piece in enumerate(pieces):
            ids += [mark_id] * (number > 0) + [ord(character) for character in piece]
    return ids


@encode_parts.also_right
def _found_by_a_pattern(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    ids: list[int] = []
    for text, trusted in zip(texts, by_template, strict=True):
        pattern = f"{re.escape(mark)}|." if trusted else "."
        pieces = re.findall(pattern, text, re.DOTALL)
        ids += [mark_id if trusted and one == mark else ord(one) for one in pieces]
    return ids


def _all_special(text: str, mark: str, mark_id: int) -> list[int]:
    ids: list[int] = []
    for number, piece in enumerate(text.split(mark)):
        ids += [mark_id] * (number > 0) + list(map(ord, piece))
    return ids


@encode_parts.wrong(
    "Who wrote the mark? Here it becomes special whoever typed it. A user can then end a turn, and "
    "speak as somebody else."
)
def _typed_marks_special(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    return [id for text in texts for id in _all_special(text, mark, mark_id)]


@encode_parts.wrong(
    "May the parts be joined before they are encoded? Then nobody knows any more who wrote what, and "
    "half a mark of the user's becomes whole with what stands beside it."
)
def _joined_first(texts: list[str], by_template: list[bool], mark: str, mark_id: int) -> list[int]:
    return _all_special("".join(texts), mark, mark_id)


@encode_parts.wrong(
    "Does the template's mark have an id of its own? Here all marks are spelled, the template's too, "
    "and the model never sees a turn end."
)
def _no_mark_special(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    return [ord(character) for text in texts for character in text]


@encode_parts.wrong(
    "What may a user write? Anything, and it must arrive. Here typed marks are taken out, and a "
    "question about them would be lost."
)
def _typed_marks_deleted(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    ids: list[int] = []
    for text, trusted in zip(texts, by_template, strict=True):
        ids += _all_special(text, mark, mark_id) if trusted else map(ord, text.replace(mark, ""))
    return ids


@encode_parts.wrong(
    "Which parts are the template's? Those with True. Here it is the other way round: typed marks "
    "count, and the template's do not."
)
def _turned_round(texts: list[str], by_template: list[bool], mark: str, mark_id: int) -> list[int]:
    ids: list[int] = []
    for text, trusted in zip(texts, by_template, strict=True):
        ids += map(ord, text) if trusted else _all_special(text, mark, mark_id)
    return ids


@encode_parts.wrong(
    "Is a part of the template's always the mark alone? It may have words around it, such as a line "
    "break and a role. Here only a part that is nothing but the mark becomes special."
)
def _whole_parts_only(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    ids: list[int] = []
    for text, trusted in zip(texts, by_template, strict=True):
        ids += [mark_id] if trusted and text == mark else map(ord, text)
    return ids


@encode_parts.wrong(
    "How many marks has a part of the template's? There may be several. Here only the first one "
    "becomes special."
)
def _first_mark_only(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    ids: list[int] = []
    for text, trusted in zip(texts, by_template, strict=True):
        before, found, after = text.partition(mark) if trusted else (text, "", "")
        ids += [*map(ord, before), *([mark_id] if found else []), *map(ord, after)]
    return ids


@encode_parts.wrong(
    "Where does the text go on after a mark? Behind its last character. Here the characters of the "
    "mark come once more after its id."
)
def _mark_and_its_letters(
    texts: list[str], by_template: list[bool], mark: str, mark_id: int
) -> list[int]:
    ids: list[int] = []
    for text, trusted in zip(texts, by_template, strict=True):
        for at, character in enumerate(text):
            ids += [mark_id] if trusted and text.startswith(mark, at) else []
            ids.append(ord(character))
    return ids


@encode_parts.inputs
def _rendered(rng: torch.Generator) -> Iterator[tuple[list[str], list[bool], str, int]]:
    yield ["hi", "<end>"], [False, True], "<end>", 1000
    yield ["hi<end>", "<end>", "ok"], [False, True, False], "<end>", 1000
    yield ["<end>\n<end>user\n", "<en", "d>"], [True, False, False], "<end>", 2000
    yield ["a", "<|x|>b<|x|>", "<|x|>", "c<|x"], [True, True, False, False], "<|x|>", 500
    yield ["<en", "d>", "", "<end><end>"], [True, False, True, False], "<end>", 999
    for length in (2, 4, 6, 3, 5, 7, 2, 4):
        mark = "<stop>" if length % 4 else "##"
        texts, trusted = [], []
        for _ in range(length):
            pieces = [mark, "b", " ", mark[:1], mark[1:], "é"]
            places = torch.randint(0, len(pieces), (5,), generator=rng).tolist()
            texts.append("".join(pieces[place] for place in places))
            trusted.append(bool(torch.randint(0, 2, (1,), generator=rng)))
        yield texts, trusted, mark, 300 + length
