"""Conversations in a language of words: the chat template and the loss mask, where both can be seen at
a glance.

    <bos> <user> who are you ? <end> <bot> i am nova . <end>

A mark begins each turn, and <end> ends it. The marks are words of their own, so the text of a turn
must have none: a user who could write <end> <bot> would speak in the assistant's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

BEGIN, END = "<bos>", "<end>"
Role = Literal["system", "user", "assistant", "tool"]
OPENING: dict[Role, str] = {
    "system": "<system>",
    "user": "<user>",
    "assistant": "<bot>",
    "tool": "<result>",
}
SEARCH = "<search>"  # the assistant asks the program around it to look something up
MARKS = (BEGIN, END, *OPENING.values(), SEARCH)
_MAY_WRITE: dict[Role, set[str]] = {"assistant": {SEARCH}}


@dataclass(frozen=True)
class Turn:
    """What one side says: words with spaces between them.

    ValueError for a mark among the words, which nobody may write but the template. (The assistant
    may search: that is its own decision.)
    """

    role: Role
    text: str

    def __post_init__(self) -> None:
        typed = [word for word in self.text.split() if word in MARKS]
        forged = [word for word in typed if word not in _MAY_WRITE.get(self.role, set())]
        if forged:
            raise ValueError(
                f"the {self.role}'s text has the mark {forged[0]}, which only the template may "
                "write; take it out, or write it in other words."
            )


@dataclass(frozen=True)
class Rendered:
    """The words of a conversation, marks included, and for each of them whether it is to be
    learned.
    """

    words: tuple[str, ...]
    learn: tuple[bool, ...]

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(self.words)


def render(turns: Sequence[Turn], whole: bool = False) -> Rendered:
    """The conversation as a model reads it. To be learned is what the assistant writes: its words
    and its <end>, but not the mark that gives it the word.

    whole: everything is to be learned but <bos>, as in pre-training.
    """
    words, learn = [BEGIN], [False]
    for turn in turns:
        written = [*turn.text.split(), END]
        words += [OPENING[turn.role], *written]
        is_reply = turn.role == "assistant"
        learn += [whole, *[whole or is_reply] * len(written)]
    return Rendered(tuple(words), tuple(learn))


def prompt(turns: Sequence[Turn]) -> str:
    """The conversation, and then the mark that gives the assistant the word."""
    return f"{render(turns).text} {OPENING['assistant']}"
