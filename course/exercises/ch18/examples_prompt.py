"""Exercise 18.3: a prompt with examples, that ends where the answer is to come."""

from collections.abc import Iterator
from itertools import pairwise

import torch

from course.judging.exercise import exercise


@exercise(
    "18.3",
    minutes=5,
    hints=(
        "One line for each example, one for the query. The query's line ends with the arrow: the "
        "answer is what the model is to write.",
        'Leave the query out of the examples: if "hot" is asked, "hot -> cold" must not stand above.',
        'f"{word} -> {answer}\\n" for each pair whose word is not the query, then f"{query} ->" '
        "without a space behind it: the space belongs to the token that comes.",
    ),
)
def examples_prompt(pairs: list[tuple[str, str]], query: str) -> str:
    """A prompt of examples and a query, as in the documents' "apple -> red".

    pairs: words with their answers, in the order in which they are to stand.
    query: the word that is asked. It may be among the pairs; there it is left out, or
        the answer would stand in the prompt.
    Returns the examples, a line "word -> answer" each, and behind them the line of the
    query, which ends with its arrow.
    """
    lines = [f"{word} -> {answer}" for word, answer in pairs if word != query]
    return "\n".join([*lines, f"{query} ->"])


@examples_prompt.also_right
def _in_a_loop(pairs: list[tuple[str, str]], query: str) -> str:
    prompt = ""
    for word, answer in pairs:
        if word == query:
            continue
        prompt += word + " -> " + answer + "\n"
    return prompt + query + " ->"


@examples_prompt.also_right
def _by_replacing(pairs: list[tuple[str, str]], query: str) -> str:
    kept = filter(lambda pair: pair[0] != query, pairs)
    return "".join(map("{0[0]} -> {0[1]}\n".format, kept)) + " ".join([query, "->"])


@examples_prompt.wrong(
    "Does the answer stand in the prompt? The query is among the pairs, and its own example has to "
    "be left out."
)
def _answer_given(pairs: list[tuple[str, str]], query: str) -> str:
    lines = [f"{word} -> {answer}" for word, answer in pairs]
    return "\n".join([*lines, f"{query} ->"])


@examples_prompt.wrong(
    "What stands at the very end? The arrow, and no space: for this tokenizer the space is the "
    "beginning of the next token, and a lone space leads elsewhere."
)
def _space_at_the_end(pairs: list[tuple[str, str]], query: str) -> str:
    lines = [f"{word} -> {answer}" for word, answer in pairs if word != query]
    return "\n".join([*lines, f"{query} -> "])


@examples_prompt.wrong(
    "Where does the model go on? Behind the arrow of the query, on the same line. This begins a new "
    "line there."
)
def _line_end_at_the_end(pairs: list[tuple[str, str]], query: str) -> str:
    lines = [f"{word} -> {answer}" for word, answer in pairs if word != query]
    return "\n".join([*lines, f"{query} ->\n"])


@examples_prompt.wrong("Which way does the arrow go? From the word to its answer.")
def _turned_round(pairs: list[tuple[str, str]], query: str) -> str:
    lines = [f"{answer} -> {word}" for word, answer in pairs if word != query]
    return "\n".join([*lines, f"{query} ->"])


@examples_prompt.wrong(
    "In which order? As the pairs come. This sorts them, and the order of examples can change what a "
    "model says."
)
def _sorted(pairs: list[tuple[str, str]], query: str) -> str:
    lines = [f"{word} -> {answer}" for word, answer in sorted(pairs) if word != query]
    return "\n".join([*lines, f"{query} ->"])


@examples_prompt.wrong(
    "What is left out? The pair whose *word* is the query. This also throws out pairs whose answer "
    "is that word."
)
def _answers_thrown_out(pairs: list[tuple[str, str]], query: str) -> str:
    lines = [f"{word} -> {answer}" for word, answer in pairs if query not in (word, answer)]
    return "\n".join([*lines, f"{query} ->"])


@examples_prompt.wrong("Where does the query stand? Behind the examples, as the last line.")
def _query_first(pairs: list[tuple[str, str]], query: str) -> str:
    lines = [f"{word} -> {answer}" for word, answer in pairs if word != query]
    return "\n".join([f"{query} ->", *lines])


_WORDS = (
    *("hot", "cold", "big", "small", "up", "down", "wet", "dry"),
    *("old", "young", "rich", "poor"),
)


@examples_prompt.inputs
def _prompts(rng: torch.Generator) -> Iterator[tuple[list[tuple[str, str]], str]]:
    yield [("hot", "cold"), ("big", "small")], "up"
    yield [("wet", "dry"), ("hot", "cold"), ("big", "small")], "hot"
    yield [("up", "down"), ("down", "up"), ("big", "small")], "up"
    for count in (1, 2, 3, 4, 5, 6, 7, 8):
        order = torch.randperm(len(_WORDS), generator=rng).tolist()
        words = [_WORDS[place] for place in order]
        pairs = list(pairwise(words[: count + 1]))
        yield pairs, words[count // 2]
