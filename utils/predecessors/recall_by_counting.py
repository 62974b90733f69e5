"""How an n-gram of bytes fares at the recall task: it counts in texts that have the answers written
after the questions, a line each, such as "a7 d2 d? 2 a? 7".
"""

from collections.abc import Iterator

import torch

from utils.predecessors.ngram import NGram
from utils.predecessors.recall import VALUES, answers, recall_texts, spelled


def share_by_counting(n: int, pairs: int, read: int = 2000, asked: int = 1000) -> float:
    """The share of the first questions in `asked` new texts that an n-gram answers rightly, after it
    has read `read` texts with their answers.
    """
    counted = NGram(n).fit(
        "\n".join(" ".join([shown, *rest]) for shown, rest in _lines(read, pairs, 0))
    )
    hits = 0
    for shown, (first, *_) in _lines(asked, pairs, 1):
        question, answer = first.split()
        context = f"{shown} {question} "
        best = max(VALUES, key=lambda value: counted.probability(value, context))
        hits += best == answer
    return hits / asked


def _lines(count: int, pairs: int, seed: int) -> Iterator[tuple[str, list[str]]]:
    """The pairs of each text, and its questions with their answers."""
    texts = recall_texts(count, pairs, torch.Generator().manual_seed(seed))
    for ids, right in zip(texts[0], answers(texts), strict=True):
        questions = zip(spelled(ids[pairs:]).split(), right.tolist(), strict=True)
        yield spelled(ids[:pairs]), [f"{question} {value}" for question, value in questions]
