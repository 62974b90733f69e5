"""Cutting a word by the longest token that fits, as WordPiece does (the tokenizer of BERT). A BPE
tokenizer does not: it goes by rank (utils.text.tokenizer).
"""

from collections.abc import Container


def longest_match(word: bytes, known: Container[bytes]) -> list[bytes]:
    """The longest of the `known` tokens with which `word` begins, then the longest with which the
    rest begins, and so on.

    Bytes that no token stands for are left out, as BPETokenizer does.
    """
    tokens, at = [], 0
    while at < len(word):
        end = next((end for end in range(len(word), at, -1) if word[at:end] in known), None)
        if end is not None:
            tokens.append(word[at:end])
        at = end or at + 1
    return tokens
