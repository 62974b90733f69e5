"""The `tokenizers` library as an oracle, and strings for hypothesis to try."""

import json
import unicodedata
from functools import cache

import regex
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from utils.text.vocabulary import Vocabulary

SMALL = 480  # tokens

# For training: English, code, numbers, several scripts and emoji, so that merges run across all
#     kinds of bytes.
CORPUS = [
    "The quick brown fox jumps over the lazy dog; it's 12 past 7, and they'll say: \"We've seen "
    '1,234 foxes!"',
    "    for i in range(10):\n        print(i, i ** 2)   # squares\n\n\t\t\r\n \u00a0\u2003 1111 "
    "22222 !!! ...",
    "Пять быстрых лис — naïve café, Zürich, Ærøskøbing, ½ of ③. 快い犬はのろい猫が好きだ。 我们今天去公园。",
    "किताब السلام \U0001f600!\U0001f600!\U0001f44d\U0001f3fd the then them they the then them they",
    "<|end <b> </b> |> im_end start",
]


def gpt2_words() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)


def smollm_words() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), gpt2_words()])


def library_tokenizer(
    tokens: list[str], merges: list[str], special: list[str], words: pre_tokenizers.PreTokenizer
) -> Tokenizer:
    """A tokenizer of the library, which turns `special` found in text into special tokens."""
    ids = {token: id for id, token in enumerate(tokens)}
    tokenizer = Tokenizer(
        models.BPE(vocab=ids, merges=[tuple(merge.split(" ")) for merge in merges])
    )
    tokenizer.pre_tokenizer = words
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(text, normalized=False, special=True) for text in special]
    )
    return tokenizer


def trained_by_library(
    corpus: list[str], special: list[str], size: int, words: pre_tokenizers.PreTokenizer
) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = words
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        initial_alphabet=alphabet,
        show_progress=False,
        min_frequency=1,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


@cache
def small(split: str) -> tuple[Tokenizer, Vocabulary]:
    """A small tokenizer of the library with nested special tokens, and our vocabulary read from its
    tokenizer.json.

    Its merges are always learned with GPT-2's words, so that with the digits cut apart those of
    numbers must not apply.
    """
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<b>", "b>", "<b><b>", "→"]
    library = trained_by_library(CORPUS, special, SMALL, gpt2_words())
    library.pre_tokenizer = {"gpt2": gpt2_words, "smollm": smollm_words}[split]()
    return library, Vocabulary.from_tokenizer_json(json.loads(library.to_str()))


def plain_ids(library: Tokenizer, text: str) -> list[int]:
    """The library's ids where special tokens in the text are not taken as such."""
    library.encode_special_tokens = True
    return library.encode(text, add_special_tokens=False).ids


def special_ids(library: Tokenizer, text: str) -> list[int]:
    """The library's ids where special tokens in the text count."""
    library.encode_special_tokens = False
    return library.encode(text, add_special_tokens=False).ids


def _as_old_as_all_tables(character: str) -> bool:
    """Whether Python's Unicode tables and those of `regex` agree that there is such a character, or
    that there is none.

    A character assigned only in one library's edition of Unicode is a letter there, and a sign in
    the other.
    """
    return (unicodedata.category(character) == "Cn") == bool(regex.match(r"\p{Cn}", character))


characters = st.characters(exclude_categories=["Cs"]).filter(_as_old_as_all_tables)
anything = st.text(characters)
special_like = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|im_",
    "end|>",
    "<|",
    "|>",
    "<b>",
    "<b",
    "b>",
    "→",
]
spaces = [
    " ",
    "  ",
    "   ",
    "\n",
    "\r\n",
    "\t",
    "\u00a0",
    "\u2028",
    "\u3000",
    "\x1c",
    "\x85",
    "\ufeff",
]
words = ["a", " the", "The", "12", "007", " 3", "1111", " 22222", "½", "²", "Ⅷ", "٣", "ﬁ", "İ", "ſ"]
endings = ["'s", "'S", "'ll", "'lll", "n't", "'re", "'ve", "'m", "'d", "'", "'x", "’s"]
clusters = [
    "e\u0301",
    "\U0001f469\u200d\U0001f467",
    "\U0001f1e9\U0001f1ea",
    "\U0001f600",
    "快",
    "किता",
]
extremes = [
    "\x00",
    "\x04",
    "\x7f",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U00050000",
    "\U000e0041",
    "\U0010ffff",
]
awkward = st.sampled_from(special_like + spaces + words + endings + clusters + extremes)
texts = st.one_of(anything, st.lists(st.one_of(awkward, anything), max_size=12).map("".join))
