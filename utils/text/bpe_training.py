"""Learning a byte-level BPE vocabulary: again and again, make the most frequent pair of neighbours
a token.

Sennrich, Haddow and Birch (2016), algorithm 1. A corpus has far fewer distinct words than words, so
each distinct word is kept once, with its count; and a merge only changes the counts of pairs in the
words that it touches.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise

from utils.text.pre_tokenization import require_text, split_words
from utils.text.special_tokens import split_at_special
from utils.text.vocabulary import Pair, Vocabulary

BYTES = tuple(bytes([byte]) for byte in range(256))
IdPair = tuple[int, int]
# Which of equally frequent pairs is merged. "oldest": the one with the older tokens (the left ones
# compared first), as the `tokenizers` library does. "greatest": the one with the greater bytes, as
# Stanford's CS336 asks for. (minbpe takes the one that stands first in the text.)
TIES = ("oldest", "greatest")


def train_bpe(
    text: str | Iterable[str],
    vocab_size: int,
    special: Sequence[str] = (),
    split: str = "gpt2",
    tie: str = "oldest",
) -> Vocabulary:
    """A vocabulary of `vocab_size` tokens: ids 0 to 255 are the bytes, then what was merged, last
    `special`.

    `text`: one text, or several, which are read one by one. Where a special token stands in them,
    no word reaches across it, and it is not learned from. If there is nothing left to merge (each
    word is one token) the vocabulary is smaller than asked for. `tie`: see `merge_steps`. Raises
    ValueError if there is no room for the bytes and the special tokens.
    """
    if vocab_size < len(BYTES) + len(special):
        raise ValueError(
            f"vocab_size is {vocab_size}, but {len(BYTES)} bytes and {len(special)} special tokens "
            f"need at least {len(BYTES) + len(special)}."
        )
    if twice := [token for token, times in Counter(special).items() if times > 1]:
        raise ValueError(f"the special token {twice[0]!r} is given twice: give each one once.")
    steps = islice(
        merge_steps(count_words(text, special, split), tie), vocab_size - len(BYTES) - len(special)
    )
    merges = tuple(pair for pair, _ in steps)
    tokens = [*BYTES, *(left + right for left, right in merges)]
    ids = {token: id for id, token in enumerate(special, start=len(tokens))}
    return Vocabulary((*tokens, *(token.encode("utf-8") for token in special)), merges, ids, split)


def first_merges(vocabulary: Vocabulary, n_merges: int) -> Vocabulary:
    """A vocabulary of `train_bpe` as it was after `n_merges` merges, with its special tokens.

    Raises ValueError if it has not so many.
    """
    if not 0 <= n_merges <= len(vocabulary.merges):
        raise ValueError(
            f"n_merges is {n_merges}, but this vocabulary has {len(vocabulary.merges)} merges: "
            "choose a number from 0 up to that."
        )
    kept = len(BYTES) + n_merges
    special = tuple(vocabulary.special)
    return replace(
        vocabulary,
        tokens=(*vocabulary.tokens[:kept], *(token.encode("utf-8") for token in special)),
        merges=vocabulary.merges[:n_merges],
        special={token: id for id, token in enumerate(special, start=kept)},
    )


def count_words(
    text: str | Iterable[str], special: Sequence[str] = (), split: str = "gpt2"
) -> Counter[bytes]:
    """How often each word occurs in `text`, as its UTF-8 bytes. Special tokens are left out."""
    counts: Counter[str] = Counter()
    for one in [text] if isinstance(text, str) else text:
        require_text(one)
        for plain in split_at_special(one, special)[::2]:
            counts.update(split_words(plain, split))
    return Counter({word.encode("utf-8"): count for word, count in counts.items()})


def merge_steps(
    word_counts: Mapping[bytes, int], tie: str = "oldest"
) -> Iterator[tuple[Pair, int]]:
    """Each next pair to merge with its count, until every word is one token.

    A pair counts once for each place where it stands, so "aaa" holds ("a", "a") twice. Of equally
    frequent pairs `tie` chooses:

    - "oldest": the one with the older tokens comes first: compare the left tokens, then the right
      ones; bytes are the oldest, in the order of their values, then come merged tokens in the order
      in which they were made.
    - "greatest": the one whose bytes are greater, the left token's compared first, then the right
      one's, as Python compares `(b"b", b"a") > (b"ab", b"c")`.
    """
    if tie not in TIES:
        raise ValueError(f"tie is {tie!r}: choose {' or '.join(map(repr, TIES))}.")
    tokens, corpus = list(BYTES), _Corpus(word_counts)
    while corpus.pair_counts:
        candidates, count = corpus.most_frequent()
        if tie == "oldest":
            left, right = min(candidates)
        else:
            left, right = max(candidates, key=lambda pair: (tokens[pair[0]], tokens[pair[1]]))
        yield (tokens[left], tokens[right]), count
        corpus.merge((left, right), len(tokens))
        tokens.append(tokens[left] + tokens[right])


class _Corpus:
    """The distinct words as token ids, and the counts of all pairs of neighbours in them, kept up
    to date.
    """

    def __init__(self, word_counts: Mapping[bytes, int]):
        self.words = [list(word) for word in word_counts]
        self.counts = list(word_counts.values())
        self.pair_counts: Counter[IdPair] = Counter()
        # places in `words`, some of them outdated
        self.found_in: defaultdict[IdPair, set[int]] = defaultdict(set)
        for place in range(len(self.words)):
            self._add_pairs(place)

    def most_frequent(self) -> tuple[list[IdPair], int]:
        """The pairs that stand most often, and how often."""
        top = max(self.pair_counts.values())
        return [pair for pair, count in self.pair_counts.items() if count == top], top

    def merge(self, pair: IdPair, merged: int) -> None:
        """Write `merged` for `pair` wherever it stands."""
        for place in self.found_in.pop(pair):
            self._remove_pairs(place)
            self.words[place] = _merge_in_word(self.words[place], pair, merged)
            self._add_pairs(place)

    def _add_pairs(self, place: int) -> None:
        for pair in pairwise(self.words[place]):
            self.pair_counts[pair] += self.counts[place]
            self.found_in[pair].add(place)

    def _remove_pairs(self, place: int) -> None:
        for pair in pairwise(self.words[place]):
            self.pair_counts[pair] -= self.counts[place]
            if not self.pair_counts[pair]:
                del self.pair_counts[pair]


def _merge_in_word(word: list[int], pair: IdPair, merged: int) -> list[int]:
    """`word` with each `pair`, from left to right, replaced by `merged`."""
    result, place = [], 0
    while place < len(word):
        found = tuple(word[place : place + 2]) == pair
        result.append(merged if found else word[place])
        place += 2 if found else 1
    return result
