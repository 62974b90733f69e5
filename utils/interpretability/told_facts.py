"""A fact in the prompt against a fact in the weights: a model is asked for a capital of which the
prompt says nothing, or speaks rightly, or wrongly, near the question or far from it.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from utils.data.few_shot_tasks import Pair
from utils.data.wikipedia import articles
from utils.interpretability.few_shot import Completion, completions
from utils.model.gpt import GPT
from utils.text.tokenizer import Tokenizer

Told = Literal["nothing", "others", "right", "wrong"]
_SENTENCE = "The capital of {} is"


class ToldFact(NamedTuple):
    """A prompt that ends where a capital is to come, the true one, and the one that it was told."""

    prompt: str
    truth: str
    told: str


def told_facts(pairs: Sequence[Pair], told: str, between: str = "") -> list[ToldFact]:
    """A prompt for each land.

    told: what the prompt says of its capital before it asks: "nothing"; nothing, but the capitals of
    two "others"; the "right" one; or a "wrong" one, which is that of the next land. between: a text
    that stands between the telling and the asking. ValueError for fewer than three lands.
    """
    if len(pairs) < 3 or told not in get_args(Told):
        raise ValueError(
            f"{len(pairs)} lands with {told!r} told were given; give three lands or more, and one of "
            f"{', '.join(get_args(Told))}."
        )
    facts = []
    for place, (land, capital) in enumerate(pairs):
        after, later = pairs[(place + 1) % len(pairs)], pairs[(place + 2) % len(pairs)]
        sayings = {
            "nothing": [],
            "others": [after, later],
            "right": [(land, capital)],
            "wrong": [(land, after[1])],
        }[told]
        lines = [f"{_SENTENCE.format(one)} {city}." for one, city in sayings]
        prompt = " ".join([*lines, *filter(None, [between]), _SENTENCE.format(land)])
        facts.append(ToldFact(prompt, capital, after[1] if told == "wrong" else capital))
    return facts


def answered(
    model: GPT, tok: Tokenizer, facts: Sequence[ToldFact], at_once: int = 8
) -> tuple[list[Completion], list[Completion]]:
    """What the model makes of the true capital and of the told one, `at_once` prompts in one pass."""
    truths = _completed(model, tok, [(one.prompt, one.truth) for one in facts], at_once)
    if all(one.told == one.truth for one in facts):
        return truths, truths
    return truths, _completed(model, tok, [(one.prompt, one.told) for one in facts], at_once)


def _completed(
    model: GPT, tok: Tokenizer, asked: Sequence[tuple[str, str]], at_once: int
) -> list[Completion]:
    found: list[Completion] = []
    for begin in range(0, len(asked), at_once):
        some = [(prompt, f" {name}") for prompt, name in asked[begin : begin + at_once]]
        found += completions(model, tok, some)
    return found


def other_text(tok: Tokenizer, tokens: int) -> str:
    """About so many tokens on living things, from Wikipedia (`utils.data.wikipedia.CREDIT`): whole
    words, and nothing on lands or their capitals.
    """
    if tokens < 1:
        return ""
    texts = [
        article.text
        for article in articles("english")
        if article.topic.startswith("Biology") and "capital" not in article.text
    ]
    ids = tok.encode(" ".join(texts[:60]))[:tokens]
    return tok.decode(ids).rpartition(" ")[0] + "."
