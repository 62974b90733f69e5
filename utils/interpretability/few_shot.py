"""Examples in the prompt (few-shot): what a model writes after them, and how likely it finds the
right answer.
"""

import random
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, get_args

import torch
from jaxtyping import Int64
from torch import Tensor

from utils.data.few_shot_tasks import PRAISE, REVIEWS, TASK_SENTENCES, WORD_TASKS, Pair
from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.text.tokenizer import Tokenizer

Labels = Literal["right", "shuffled", "unrelated"]
ReviewLabels = Literal["right", "random"]


class Completion(NamedTuple):
    """What a model makes of a prompt and its right answer.

    right: whether each token of the answer is the likeliest. log_p: the answer's, in nats. first:
    the likeliest first token.
    """

    right: bool
    log_p: float
    first: int


@torch.inference_mode()
def completions(model: GPT, tok: Tokenizer, prompts: Sequence[tuple[str, str]]) -> list[Completion]:
    """For each prompt and its answer: is it what the model writes if it always takes the likeliest
    token, and how likely is it? All in one pass.
    """
    asked = [tok.encode(prompt) for prompt, _ in prompts]
    whole = [tok.encode(prompt + answer) for prompt, answer in prompts]
    lengths = [len(one) - len(prompt) for prompt, one in zip(asked, whole, strict=True)]
    ids, real = pad([torch.tensor(one) for one in whole], "left")
    longest = max(lengths)
    before_answers = model.hidden(ids[:, :-1], real[:, :-1])[:, -longest:]
    log_p = model.unembed(before_answers).float().log_softmax(dim=-1)  # (prompt, pos, vocab)
    likeliest: Int64[Tensor, "prompt pos"] = log_p.argmax(dim=-1)
    written = ids[:, -longest:]
    right = likeliest == written
    of_tokens = log_p.gather(2, written[:, :, None])[:, :, 0]
    return [
        Completion(
            bool(right[row, longest - length :].all()),
            float(of_tokens[row, longest - length :].sum()),
            int(likeliest[row, longest - length]),
        )
        for row, length in enumerate(lengths)
    ]


def with_examples(examples: Iterable[Pair], query: str) -> str:
    """A line "word -> answer" for each example, and then the query without its answer."""
    lines = [f"{word} -> {answer}\n" for word, answer in examples]
    return "".join(lines) + f"{query} ->"


def task_prompts(
    task: str, shots: int, labels: Labels = "right", seed: int = 0
) -> list[tuple[str, str]]:
    """A prompt with `shots` examples for each pair of one of the WORD_TASKS, and the right answer.

    The examples are drawn from the task's other pairs. labels: their own answers ("right"), those
    of other pairs of the task ("shuffled"), or those of another task ("unrelated"). ValueError for
    a task, labels or a number of examples that there are not.
    """
    if task not in WORD_TASKS or labels not in get_args(Labels):
        raise ValueError(
            f"task {task!r} with labels {labels!r} was asked for; the tasks are "
            f"{', '.join(WORD_TASKS)}, and labels are {', '.join(get_args(Labels))}."
        )
    pairs = WORD_TASKS[task]
    if not 0 <= shots < len(pairs):
        raise ValueError(f"{shots} examples were asked for; give 0 to {len(pairs) - 1}.")
    rng = random.Random(f"{seed} {task}")
    prompts = []
    for word, answer in pairs:
        shown = rng.sample([pair for pair in pairs if pair[0] != word], shots)
        relabelled = [(one, _label(task, one, own, labels, rng)) for one, own in shown]
        prompts.append((with_examples(relabelled, word), f" {answer}"))
    return prompts


def sentence_prompts(task: str) -> list[tuple[str, str]]:
    """No example, but the task in words: a prompt for each pair of one of the WORD_TASKS."""
    sentence = TASK_SENTENCES[task]
    return [(sentence.format(word), f" {answer}") for word, answer in WORD_TASKS[task]]


def _label(task: str, word: str, own: str, labels: Labels, rng: random.Random) -> str:
    if labels == "right":
        return own
    names = list(WORD_TASKS)
    source = task if labels == "shuffled" else names[(names.index(task) + 1) % len(names)]
    return rng.choice([answer for _, answer in WORD_TASKS[source] if answer not in (own, word)])


class ReviewPrompt(NamedTuple):
    """Reviews with labels, one review without, the label that is right for it, and the other."""

    text: str
    right: str
    wrong: str


def review_prompts(shots: int, labels: ReviewLabels = "right", seed: int = 0) -> list[ReviewPrompt]:
    """A prompt with `shots` examples for each of the REVIEWS, half of them praise.

    labels: "right", or "random": a coin for each example. ValueError for an odd number of examples,
    or labels that there are not.
    """
    if shots % 2 or not 0 <= shots <= 2 * (PRAISE - 1) or labels not in get_args(ReviewLabels):
        raise ValueError(
            f"{shots} examples with labels {labels!r} were asked for; give an even number up to "
            f"{2 * (PRAISE - 1)}, and labels {', '.join(get_args(ReviewLabels))}."
        )
    rng = random.Random(f"{seed} reviews")
    of_praise, of_blame = "positive", "negative"
    prompts = []
    for place, review in enumerate(REVIEWS):
        others = [
            rng.sample([one for one in half if one != review], shots // 2)
            for half in (REVIEWS[:PRAISE], REVIEWS[PRAISE:])
        ]
        shown = [(one, of_praise) for one in others[0]] + [(one, of_blame) for one in others[1]]
        rng.shuffle(shown)
        if labels == "random":
            shown = [(one, rng.choice((of_praise, of_blame))) for one, _ in shown]
        lines = [f"Review: {one}\nLabel: {label}\n" for one, label in shown]
        right, wrong = (of_praise, of_blame) if place < PRAISE else (of_blame, of_praise)
        text = "".join(lines) + f"Review: {review}\nLabel:"
        prompts.append(ReviewPrompt(text, f" {right}", f" {wrong}"))
    return prompts


@torch.inference_mode()
def margins(model: GPT, tok: Tokenizer, prompts: Sequence[ReviewPrompt]) -> list[float]:
    """How much likelier, in nats, the right label is than the wrong one; both are one token."""
    ids, real = pad([torch.tensor(tok.encode(one.text)) for one in prompts], "left")
    logits = model.next_logits(ids, real)
    pairs = [(tok.encode(one.right), tok.encode(one.wrong)) for one in prompts]
    return [
        float(row[right[0]] - row[wrong[0]])
        for row, (right, wrong) in zip(logits, pairs, strict=True)
    ]


def in_another_order(prompt: str, seed: int) -> str:
    """The same examples, a line each, in an order that `seed` says; the query stays last."""
    *examples, query = prompt.split("\n")
    random.Random(seed).shuffle(examples)
    return "\n".join([*examples, query])
