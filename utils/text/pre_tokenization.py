"""The first cut of a text, into words: merges never reach across it, so " the dog" cannot become
one token.

A GPT-2 word is a run of letters, of digits or of other signs, each with the one space before it if
there is one: "I'll pay $30 now" -> ["I", "'ll", " pay", " $", "30", " now"]. Nothing is lost: the
words joined are the text.

What counts as a letter or a digit is for the Unicode tables of the `regex` library to say. Other
libraries have tables of another year, so they may cut differently next to characters that are
younger than one of the two.
"""

from collections.abc import Callable

import regex

# Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), section 2.2; the
# code published with it.
GPT2_WORD = regex.compile(
    r"'(?:[sdmt]|ll|ve|re)"  # English endings
    # letters, digits, other signs, with one space in front
    r"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+"
    r"|\s+(?!\S)|\s+"  # white space, but its last character is left to the next word
)
DIGIT_OR_NOT = regex.compile(r"\p{N}|\P{N}+")


def gpt2_words(text: str) -> list[str]:
    """GPT-2's words, also used by most byte-level tokenizers after it."""
    words: list[str] = GPT2_WORD.findall(text)
    return words


def smollm_words(text: str) -> list[str]:
    """SmolLM's words: each digit alone, GPT-2's words in between.

    Numbers then look alike, whatever their length.
    """
    return [word for part in DIGIT_OR_NOT.findall(text) for word in gpt2_words(part)]


SPLITS: dict[str, Callable[[str], list[str]]] = {"gpt2": gpt2_words, "smollm": smollm_words}


def split_words(text: str, split: str) -> list[str]:
    """`text` cut into words by the rule named `split`, one of `SPLITS`."""
    require_split(split)
    return SPLITS[split](text)


def require_split(split: str) -> None:
    """Raise ValueError unless there is a rule of this name."""
    if split not in SPLITS:
        raise ValueError(
            f"the rule {split!r} for cutting text into words is unknown: choose "
            f"{' or '.join(SPLITS)}."
        )


def require_text(text: object) -> None:
    """Raise TypeError unless `text` is a str, ValueError if it holds half a surrogate pair, which
    has no UTF-8.
    """
    if not isinstance(text, str):
        raise TypeError(
            f"a tokenizer reads text (str), but got {type(text).__name__}: convert it to str first."
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"character {error.start} of the text is {text[error.start]!r}, half of a surrogate "
            "pair, which has no "
            "UTF-8: repair the text with text.encode('utf-16', 'surrogatepass').decode('utf-16', "
            "'replace')."
        ) from None
