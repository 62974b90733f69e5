"""A fact as a language model has it: a prompt that names a subject, and the answer that comes next.

    fact = read_fact(tok, "The Eiffel Tower is in the city of", "Eiffel Tower", " Paris")

Causal tracing asks where in the model the answer comes from; the rank-one edit gives the prompt
another answer. Both need to know which tokens spell the subject, and which tokens the answer is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Fact:
    """A prompt and its answer as tokens."""

    ids: tuple[int, ...]  # of the prompt
    pieces: tuple[str, ...]  # the text of each
    subject: range  # the positions in `ids` whose tokens spell the subject, or a part of it
    answer: tuple[int, ...]  # the ids of the answer


def read_fact(tok: Tokenizer, prompt: str, subject: str, answer: str) -> Fact:
    """The tokens of a fact. Raises ValueError if the subject is not in the prompt exactly once, or
    the answer is wrong.

    `answer` is spelled as it follows the prompt, so it nearly always begins with a space: " Paris".
    """
    check_answer(prompt, answer)
    ids = tok.encode(prompt)
    pieces = tuple(tok.decode([token]) for token in ids)
    return Fact(
        tuple(ids), pieces, subject_positions(tok, prompt, subject), tuple(tok.encode(answer))
    )


def check_answer(prompt: str, answer: str) -> None:
    """Raise ValueError if `answer` is empty, or would be glued to the last word of the prompt."""
    if not answer.strip():
        raise ValueError(
            f"the answer {answer!r} is empty: give the word that should come after the prompt."
        )
    if prompt[-1:].isalnum() and answer[0].isalnum():
        word = prompt.split()[-1]
        raise ValueError(
            f"the answer {answer!r} would make the word {word + answer!r}: begin it with a space."
        )


def subject_positions(tok: Tokenizer, prompt: str, subject: str) -> range:
    """The positions of the tokens that spell `subject`, the first and the last possibly with other
    characters too.
    """
    count = prompt.count(subject) if subject.strip() else 0
    if count != 1:
        raise ValueError(
            f"the subject {subject!r} stands {count} times in the prompt {prompt!r}: "
            f"give one that stands in it once, letter by letter."
        )
    # In bytes, because a token may hold a part of a character.
    start = len(prompt[: prompt.index(subject)].encode())
    end, at, positions = start + len(subject.encode()), 0, []
    for position, token in enumerate(tok.encode(prompt)):
        before, at = at, at + len(tok.token_bytes(token))
        if before < end and at > start:
            positions.append(position)
    return range(positions[0], positions[-1] + 1)


def answer_probability(model: GPT, tok: Tokenizer, prompt: str, answer: str) -> float:
    """P(answer | prompt), of all the answer's tokens together: the product of their probabilities,
    each after the last.

    Raises ValueError as `check_answer` does.
    """
    return answer_probabilities(model, tok, [(prompt, answer)])[0]


@torch.inference_mode()
def answer_probabilities(
    model: GPT, tok: Tokenizer, questions: Sequence[tuple[str, str]]
) -> list[float]:
    """`answer_probability` of each (prompt, answer), in one batch: a text that several questions
    share is read once.

    Only the answers' places are unembedded. Raises ValueError as `check_answer` does.
    """
    for prompt, answer in questions:
        check_answer(prompt, answer)
    if not questions:
        return []
    asked = [(tok.encode(prompt), tok.encode(answer)) for prompt, answer in questions]
    # nothing is asked after the last token
    texts = [tuple(prompt + answer[:-1]) for prompt, answer in asked]
    rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    ids, _ = pad(list(rows), "right")
    hidden = model.hidden(ids.to(model.device))
    places = [
        hidden[rows[text], len(prompt) - 1 : len(text)]
        for text, (prompt, _) in zip(texts, asked, strict=True)
    ]
    # (all answers' tokens, vocab)
    log_probs = model.unembed(torch.cat(places)).float().log_softmax(dim=-1)
    answers = [torch.tensor(answer, device=model.device) for _, answer in asked]
    each = _of_tokens(log_probs, torch.cat(answers)).split([len(answer) for answer in answers])
    return [float(of_answer.sum().exp()) for of_answer in each]


def _of_tokens(log_probs: Tensor, tokens: Int64[Tensor, " pos"]) -> Tensor:
    return log_probs.gather(-1, tokens[:, None])[:, 0]
