"""The same tokenizer on the `tokenizers` library, which cuts and merges in compiled code.

On ordinary text it is no faster than BPETokenizer, which remembers words. It is where words are
long or never come
again: two or three times on Chinese, seven times on letters without spaces.
"""

from tokenizers import Tokenizer as Library
from tokenizers import models, pre_tokenizers

from utils.text.byte_alphabet import to_byte_level
from utils.text.tokenizer import ByteLevelTokenizer
from utils.text.vocabulary import Vocabulary


class FastTokenizer(ByteLevelTokenizer):
    """The same ids as BPETokenizer.

    The library is told of no special token: ByteLevelTokenizer finds those, so that plain text can
    never become one.
    """

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(vocabulary)
        ids = {to_byte_level(token): id for token, id in vocabulary.ordinary_ids.items()}
        merges = [(to_byte_level(left), to_byte_level(right)) for left, right in vocabulary.merges]
        self._library = Library(models.BPE(vocab=ids, merges=merges))
        self._library.pre_tokenizer = _pre_tokenizer(vocabulary.split)

    def encode_plain(self, text: str) -> list[int]:
        """The ids of `text`, none of them special."""
        return self._library.encode(text, add_special_tokens=False).ids


def _pre_tokenizer(split: str) -> pre_tokenizers.PreTokenizer:
    """The library's own version of a rule in utils.text.pre_tokenization."""
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if split == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), gpt2])
    return gpt2
