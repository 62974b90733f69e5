"""Exercise 19.1: a conversation as one row of tokens, and which of them are learned."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise

Turns = list[list[int]]
Rendered = tuple[Tensor, Tensor]


@exercise(
    "19.1",
    minutes=7,
    hints=(
        "Go through the turns, and keep two lists that grow together: the ids, and for each of them "
        "True or False.",
        "A turn adds its mark, its tokens, and end_id. All of that is learned or not in the same way, "
        "but for one token.",
        "For the assistant's turn: False for its mark, then True for every token and for end_id. For "
        "any other turn all are False. At the end: torch.tensor of both lists.",
    ),
)
def render_and_mask(
    marks: list[int], texts: list[list[int]], assistant: int, end_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """A conversation as one row of tokens, and which of them are learned.

    A turn is written as: the mark of its role, the tokens of its text, end_id. The turns follow
    each other.

    To be learned is what the assistant writes: its tokens, and the end_id that ends its turn. Its
    mark is put there by the template and is not learned.

    marks: for each turn the id of its role's mark. The assistant's has the id `assistant`; which
        roles the others have does not matter.
    texts: for each turn the ids of its text, perhaps none.
    Returns two tensors of shape (pos,): the ids, int64, and True for each that is learned.
    """
    ids, learn = [], []
    for mark, text in zip(marks, texts, strict=True):
        written = [*text, end_id]
        ids += [mark, *written]
        learn += [False] + [mark == assistant] * len(written)
    return torch.tensor(ids), torch.tensor(learn)


@render_and_mask.also_right
def _token_by_token(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    rows: list[tuple[int, bool]] = []
    for number in range(len(marks)):
        rows.append((marks[number], False))
        for token in texts[number]:
            rows.append((token, marks[number] == assistant))
        rows.append((end_id, marks[number] == assistant))
    return torch.tensor([row[0] for row in rows]), torch.tensor([row[1] for row in rows])


@render_and_mask.also_right
def _pieces_joined(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    turns = [torch.tensor([mark, *text, end_id]) for mark, text in zip(marks, texts, strict=True)]
    masks = []
    for turn in turns:
        mask = torch.full(turn.shape, bool(turn[0] == assistant))
        mask[0] = False
        masks.append(mask)
    return torch.cat(turns), torch.cat(masks)


def _rendered(
    marks: list[int], texts: Turns, assistant: int, end_id: int, learned: str
) -> Rendered:
    """With other choices of what is learned: w for words, e for the end, m for the mark in front."""
    ids, learn = [], []
    for mark, text in zip(marks, texts, strict=True):
        mine = mark == assistant
        ids += [mark, *text, end_id]
        learn += [mine and "m" in learned] + [mine and "w" in learned] * len(text)
        learn += [mine and "e" in learned]
    return torch.tensor(ids), torch.tensor(learn)


@render_and_mask.wrong(
    "When does an assistant stop? When it has learned to write its end mark. Here that is not "
    "learned, so it would talk on for ever."
)
def _end_not_learned(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    return _rendered(marks, texts, assistant, end_id, "w")


@render_and_mask.wrong(
    "Who writes the assistant's mark? The template does, to give the assistant the word. It is no "
    "part of what the assistant has to say, and not learned."
)
def _mark_learned(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    return _rendered(marks, texts, assistant, end_id, "mwe")


@render_and_mask.wrong(
    "Whose words are learned? The assistant's alone. Here the user's and the system's are learned "
    "too, as in pre-training."
)
def _everything_learned(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    ids, learn = _rendered(marks, texts, assistant, end_id, "")
    return ids, torch.ones_like(learn)


@render_and_mask.wrong(
    "Which side of the mask is which? True means learned. Here it stands where the others speak."
)
def _mask_turned_round(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    ids, learn = _rendered(marks, texts, assistant, end_id, "we")
    return ids, ~learn


@render_and_mask.wrong(
    "Does each True stand at its own token? Here all of them stand one place too early: at the token "
    "before. The shift by one belongs to the loss, and not to the mask."
)
def _one_place_early(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    ids, learn = _rendered(marks, texts, assistant, end_id, "we")
    return ids, torch.cat([learn[1:], torch.tensor([False])])


@render_and_mask.wrong(
    "How many turns does the assistant have? There may be several, and all of them are learned. Here "
    "only the last one is."
)
def _last_turn_only(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    ids, learn = _rendered(marks, texts, assistant, end_id, "")
    place = 0
    for number, (mark, text) in enumerate(zip(marks, texts, strict=True)):
        if mark == assistant and assistant not in marks[number + 1 :]:
            learn[place + 1 : place + 2 + len(text)] = True
        place += len(text) + 2
    return ids, learn


@render_and_mask.wrong(
    "Where does a turn end? Each one with end_id, and here that mark is missing."
)
def _no_end_mark(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    ids, learn = _rendered(marks, texts, assistant, end_id, "we")
    return ids[ids != end_id], learn[ids != end_id]


@render_and_mask.wrong(
    "Is the order of the turns known? No: the marks say who speaks. Here every second turn is taken "
    "for the assistant's."
)
def _every_second_turn(marks: list[int], texts: Turns, assistant: int, end_id: int) -> Rendered:
    ids, learn = [], []
    for number, (mark, text) in enumerate(zip(marks, texts, strict=True)):
        ids += [mark, *text, end_id]
        learn += [False] + [number % 2 == 1] * (len(text) + 1)
    return torch.tensor(ids), torch.tensor(learn)


@render_and_mask.inputs
def _conversations(rng: torch.Generator) -> Iterator[tuple[list[int], Turns, int, int]]:
    yield [101, 102], [[5, 6], [7, 8, 9]], 102, 100
    yield [101, 102, 101, 102], [[5], [6, 7], [8], [9]], 102, 100
    yield [103, 101, 102], [[5, 5], [], [6]], 102, 99
    yield [51, 52], [[1, 2], []], 52, 50
    for number, turns in enumerate((1, 2, 3, 5, 2, 4, 6, 3)):
        roles = torch.randint(60, 64, (turns,), generator=rng).tolist()
        lengths = torch.randint(0, 5, (turns,), generator=rng).tolist()
        texts = [torch.randint(0, 50, (size,), generator=rng).tolist() for size in lengths]
        yield roles, texts, 60 + number % 4, 64 + number
