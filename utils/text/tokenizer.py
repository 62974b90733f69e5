"""Byte-level BPE: text to token ids and back.

1. Cut the text into words (utils.text.pre_tokenization).
2. Write each word as its UTF-8 bytes; each byte is a token, so any text can be written.
3. While two neighbours can be merged, merge those whose merge was learned first.

Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units" (2016); on
bytes since GPT-2. How the merges are learned is in utils.text.bpe_training.
"""

import heapq
import operator
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, SupportsIndex, runtime_checkable

from utils.text.chat_template import shielded_chat
from utils.text.pre_tokenization import require_text, split_words
from utils.text.special_tokens import split_at_special, unshield
from utils.text.streaming import whole_words
from utils.text.vocabulary import Vocabulary

REMEMBERED_WORDS = 50_000


@runtime_checkable
class Tokenizer(Protocol):
    """What the rest of the library asks of a tokenizer."""

    @property
    def vocab_size(self) -> int:
        """The number of tokens; ids go from 0 to one less."""

    @property
    def special(self) -> dict[str, int]:
        """The ids of the special tokens by their text."""

    @property
    def eos_id(self) -> int | None:
        """The token that ends a text, if there is one."""

    @property
    def stop_ids(self) -> frozenset[int]:
        """Generation stops at these tokens."""

    def encode(self, text: str, allow_special: bool = False) -> list[int]:
        """The ids of the text's tokens."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the tokens; broken UTF-8 becomes U+FFFD."""

    def token_bytes(self, id: int) -> bytes:
        """The bytes of one token; of a special one its text in UTF-8."""

    def pieces(self, text: str) -> list[str]:
        """The text of each token of `text`."""

    def encode_chat(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """The ids of a conversation, up to where the assistant's answer begins."""


class ByteLevelTokenizer(ABC):
    """Everything but the way in which plain text becomes ids; see BPETokenizer and FastTokenizer."""

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary

    @abstractmethod
    def encode_plain(self, text: str) -> list[int]:
        """The ids of `text`, none of them special."""

    @property
    def vocab_size(self) -> int:
        """The number of tokens; ids go from 0 to one less."""
        return len(self.vocabulary.tokens)

    @property
    def special(self) -> dict[str, int]:
        """The ids of the special tokens by their text."""
        return dict(self.vocabulary.special)

    @property
    def eos_id(self) -> int | None:
        """The token that ends a text, if there is one."""
        return self.vocabulary.eos_id

    @property
    def stop_ids(self) -> frozenset[int]:
        """Generation stops at these tokens."""
        return self.vocabulary.stop_ids

    def encode(self, text: str, allow_special: bool = False) -> list[int]:
        """The ids of the text's tokens.

        "<|im_end|>" in `text` is only ever a special token with `allow_special`: never allow it in
        text of a user. A byte that has no token is left out (see Vocabulary.missing_bytes). Raises
        ValueError for lone surrogates.
        """
        require_text(text)
        if not allow_special:
            return self.encode_plain(text)
        return self._encode_with_special(text)

    def encode_stream(
        self, texts: str | Iterable[str], allow_special: bool = False
    ) -> Iterator[int]:
        """The ids of the joined `texts`, those that `encode` gives, one by one.

        For texts that are too long to be held: give an open file, or a generator of blocks, cut
        anywhere. Held at a time are one of `texts` and what utils.text.streaming.whole_words needs
        before it. Raises as `encode` does, when it comes to the text that is at fault.
        """
        for words in whole_words(texts, self.vocabulary.special if allow_special else ()):
            yield from self.encode(words, allow_special)

    def encode_chat(
        self, messages: Sequence[Mapping[str, Any]], add_generation_prompt: bool = True
    ) -> list[int]:
        """The ids of a conversation such as [{"role": "user", "content": "Hi!"}], in the model's
        own chat template.

        Nothing in the messages becomes a special token. With `add_generation_prompt` the ids end
        where the assistant's answer begins. Raises ValueError, in one sentence, for malformed
        messages; see utils.text.chat_template.
        """
        return self._encode_with_special(
            shielded_chat(self.vocabulary, messages, add_generation_prompt)
        )

    def _encode_with_special(self, text: str) -> list[int]:
        """The ids of a text in which special tokens count, except where marks of `shield` keep them
        from it.
        """
        ids, special = [], self.vocabulary.special
        for place, part in enumerate(split_at_special(text, special)):
            # The marks are gone before the cut into words, so template and message go through one
            # cut, as in training.
            ids += [special[part]] if place % 2 else self.encode_plain(unshield(part))
        return ids

    def token_bytes(self, id: SupportsIndex) -> bytes:
        """The bytes of one token; of a special one its text in UTF-8.

        Raises ValueError if there is no such id.
        """
        try:
            index = operator.index(id)
        except TypeError:
            raise ValueError(
                f"a token id is a whole number, but got {id!r:.60}: decode one row of ids."
            ) from None
        if not 0 <= index < self.vocab_size:
            raise ValueError(
                f"there is no token {index}: the {self.vocab_size} ids go from 0 to "
                f"{self.vocab_size - 1}."
            )
        return self.vocabulary.tokens[index]

    def decode(self, ids: Iterable[SupportsIndex]) -> str:
        """The text of the tokens. Broken UTF-8, such as half a character, becomes U+FFFD."""
        return b"".join(map(self.token_bytes, ids)).decode("utf-8", errors="replace")

    def pieces(self, text: str) -> list[str]:
        """The text of each token of `text`; a token that is only part of a character shows as
        U+FFFD.
        """
        return [self.decode([id]) for id in self.encode(text)]


class BPETokenizer(ByteLevelTokenizer):
    """The tokenizer to read and to learn from.

    It remembers the tokens of each word, so common words cost nothing.
    """

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(vocabulary)
        self._ids = vocabulary.ordinary_ids
        self._ranks = {pair: rank for rank, pair in enumerate(vocabulary.merges)}
        self._remembered: dict[str, list[int]] = {}

    def encode_plain(self, text: str) -> list[int]:
        """The ids of `text`, none of them special."""
        ids = []
        for word in split_words(text, self.vocabulary.split):
            if word not in self._remembered:
                if len(self._remembered) == REMEMBERED_WORDS:
                    self._remembered.clear()
                self._remembered[word] = [
                    self._ids[token] for token in self.merge_word(word.encode("utf-8"))
                ]
            ids += self._remembered[word]
        return ids

    def merge_word(self, word: bytes) -> list[bytes]:
        """The tokens of one word: its bytes, and then always the neighbours of lowest rank merged,
        leftmost first.

        All mergeable pairs wait in a heap, lowest rank on top. So n bytes take about n log n steps,
        where looking for the lowest pair anew each time would take n².
        """
        tokens = [token for token in (bytes([byte]) for byte in word) if token in self._ids]
        end = len(tokens)
        before, after = list(range(-1, end)), list(range(1, end + 1))  # the neighbours' places
        waiting = [
            (rank, left)
            for left in range(end)
            if (rank := self._rank(tokens, left, left + 1)) is not None
        ]
        heapq.heapify(waiting)
        while waiting:
            rank, left = heapq.heappop(waiting)
            right = after[left]
            if self._rank(tokens, left, right) != rank:
                continue  # one of the two was merged with its other neighbour meanwhile
            tokens[left], tokens[right] = tokens[left] + tokens[right], b""
            after[left], before[after[right]] = after[right], left
            for place in (before[left], left):  # the new token makes new pairs
                if (rank := self._rank(tokens, place, after[place])) is not None:
                    heapq.heappush(waiting, (rank, place))
        return [token for token in tokens if token]

    def _rank(self, tokens: list[bytes], left: int, right: int) -> int | None:
        """The rank of the pair at these two places, None if one is outside the word or they cannot
        be merged.
        """
        if left < 0 or right == len(tokens):
            return None
        return self._ranks.get((tokens[left], tokens[right]))
