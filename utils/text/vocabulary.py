"""The vocabulary of a byte-level tokenizer as plain data: its tokens, its merges, its special
tokens.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from utils.text.byte_alphabet import from_byte_level, to_byte_level
from utils.text.pre_tokenization import require_split
from utils.text.vocabulary_files import read_tokenizer_json, read_vocab_and_merges

Pair = tuple[bytes, bytes]


@dataclass(frozen=True)
class Vocabulary:
    """All that a byte-level tokenizer knows.

    Raises ValueError, in one sentence, if its parts do not fit together.
    """

    # in the order of their ids; a special token's bytes are its text in UTF-8
    tokens: tuple[bytes, ...]
    merges: tuple[Pair, ...]  # in the order of their ranks: what was learned first is merged first
    special: Mapping[str, int] = field(default_factory=dict, hash=False)  # text -> id
    # the rule that cuts a text into words, one of utils.text.pre_tokenization.SPLITS
    split: str = "gpt2"
    eos_id: int | None = None  # ends a text
    bos_id: int | None = None  # begins a text; only chat templates that ask for it use it
    # generation stops at these; eos_id is always one of them
    stop_ids: frozenset[int] = frozenset()
    chat_template: str | None = None  # jinja

    def __post_init__(self) -> None:
        eos = set() if self.eos_id is None else {self.eos_id}
        object.__setattr__(self, "special", dict(self.special))
        object.__setattr__(self, "stop_ids", frozenset(self.stop_ids | eos))
        require_split(self.split)
        _check_special(self)
        _check_ordinary(self)

    @cached_property
    def ordinary_ids(self) -> dict[bytes, int]:
        """The ids of the tokens that plain text can become: all but the special ones."""
        special = set(self.special.values())
        return {token: id for id, token in enumerate(self.tokens) if id not in special}

    @property
    def missing_bytes(self) -> bytes:
        """The bytes that no token stands for. Tokenizers drop them from a text (so do Hugging
        Face's).

        GPT-2 has all 256. SmolLM2 lacks 21: thirteen that UTF-8 never uses, six control characters,
        and the first bytes of characters U+40000 to U+BFFFF, none of which is assigned.
        """
        return bytes(byte for byte in range(256) if bytes([byte]) not in self.ordinary_ids)

    @classmethod
    def from_byte_level(
        cls,
        tokens: Sequence[str],
        merges: Sequence[str],
        special: Mapping[str, int] | None = None,
        **more: Any,
    ) -> "Vocabulary":
        """From GPT-2's printable alphabet, as GGUF and Hugging Face files hold it.

        `tokens` in the order of their ids, special ones as their own text; `merges` as "left
        right"; `more` are other fields of Vocabulary.
        """
        special = special or {}
        special_ids = set(special.values())
        raw = (
            text.encode() if id in special_ids else from_byte_level(text)
            for id, text in enumerate(tokens)
        )
        return cls(tuple(raw), tuple(map(_read_merge, merges)), special, **more)

    @classmethod
    def from_tokenizer_json(cls, source: str | Path | Mapping[str, Any]) -> "Vocabulary":
        """From a Hugging Face tokenizer.json, its path or its contents.

        With a path, the end-of-text token and the chat template come from the model's other files
        beside it. Raises ValueError for anything that this course's tokenizers would do differently
        from Hugging Face's.
        """
        return cls.from_byte_level(**read_tokenizer_json(source))

    @classmethod
    def from_vocab_and_merges(
        cls, folder: str | Path, special: Sequence[str] = ("<|endoftext|>",), split: str = "gpt2"
    ) -> "Vocabulary":
        """From vocab.json and merges.txt in `folder`, the older form. `special`: those of its
        tokens that are special.

        The end-of-text token and the chat template come from the model's other files beside them.
        """
        return cls.from_byte_level(**read_vocab_and_merges(Path(folder), special), split=split)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Vocabulary":
        """The inverse of `to_dict`.

        Raises ValueError if `fields` are not those that `to_dict` writes.
        """
        expected = {
            "tokens",
            "merges",
            "special",
            "split",
            "eos_id",
            "bos_id",
            "stop_ids",
            "chat_template",
        }
        if set(fields) != expected:
            different = ", ".join(sorted(expected ^ set(fields)))
            raise ValueError(
                f"not a vocabulary written by to_dict: it differs in the fields {different}."
            )
        return cls.from_byte_level(**{**fields, "stop_ids": frozenset(fields["stop_ids"])})

    def to_dict(self) -> dict[str, Any]:
        """All of it as what JSON can hold, in GPT-2's printable alphabet."""
        special_texts = {id: text for text, id in self.special.items()}
        return {
            "tokens": [
                special_texts.get(id) or to_byte_level(token)
                for id, token in enumerate(self.tokens)
            ],
            "merges": [
                f"{to_byte_level(left)} {to_byte_level(right)}" for left, right in self.merges
            ],
            "special": dict(self.special),
            "split": self.split,
            "eos_id": self.eos_id,
            "bos_id": self.bos_id,
            "stop_ids": sorted(self.stop_ids),
            "chat_template": self.chat_template,
        }


def _read_merge(merge: str) -> Pair:
    left, _, right = merge.partition(" ")
    if not left or not right:
        raise ValueError(f"the merge {merge!r} is not two tokens with one space between them.")
    return from_byte_level(left), from_byte_level(right)


def _check_special(vocabulary: Vocabulary) -> None:
    """Each special token stands in the table under its own id, and the named ids exist."""
    size = len(vocabulary.tokens)
    for text, id in vocabulary.special.items():
        if not text:
            raise ValueError(
                f"the special token with id {id} has no text: give it one, or leave it out."
            )
        if not 0 <= id < size or vocabulary.tokens[id] != text.encode():
            found = (
                repr(vocabulary.tokens[id])
                if 0 <= id < size
                else f"nothing, as there are {size} tokens"
            )
            raise ValueError(
                f"the special token {text!r} should have id {id}, but there is {found}."
            )
    for name, named in (("eos_id", vocabulary.eos_id), ("bos_id", vocabulary.bos_id)):
        if named is not None and not 0 <= named < size:
            raise ValueError(f"{name} is {named}, but the ids go from 0 to {size - 1}.")
    if not all(0 <= id < size for id in vocabulary.stop_ids):
        raise ValueError(
            f"stop_ids are {sorted(vocabulary.stop_ids)}, but the ids go from 0 to {size - 1}."
        )


def _check_ordinary(vocabulary: Vocabulary) -> None:
    """No ordinary token twice, and each merge joins two of them to a third."""
    known = vocabulary.ordinary_ids
    if len(known) + len(vocabulary.special) < len(vocabulary.tokens):
        ordinary = (
            token
            for id, token in enumerate(vocabulary.tokens)
            if id not in vocabulary.special.values()
        )
        token, times = Counter(ordinary).most_common(1)[0]
        raise ValueError(
            f"the token {token!r} is there {times} times; each needs one id of its own."
        )
    for left, right in vocabulary.merges:
        for token in (left, right, left + right):
            if not token or token not in known:
                raise ValueError(
                    f"the merge of {left!r} and {right!r} needs the token {token!r}, which is not "
                    "there."
                )
