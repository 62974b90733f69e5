"""Exercise 17.1: how much arithmetic an answer takes."""

from collections.abc import Iterator

import torch

from course.judging.exercise import exercise


@exercise(
    "17.1",
    minutes=5,
    hints=(
        "Count tokens first: how many go through the network from the question's first token on, "
        "until the answer's last token is chosen?",
        "All tokens of the question are read, and each written token is read so that the next one can "
        "be chosen. Which one is never read?",
        "question + written - 1 tokens, and each takes 2 FLOPs for each weight.",
    ),
)
def flops_of_answer(weights: int, question: int, written: int) -> float:
    """How many FLOPs it takes to read a question and to write an answer to it, by the rule of thumb.

    A token that goes through the network takes 2 FLOPs for each weight. Keys and values of earlier
    tokens are kept, so each token goes through once. The last token that is written ends the work:
    it is chosen, and not read any more.

    weights: of the matrices that a token is multiplied with.
    question: the number of its tokens.
    written: the number of tokens that are written, steps and answer together, 1 or more.
    """
    return 2.0 * weights * (question + written - 1)


@flops_of_answer.also_right
def _token_by_token(weights: int, question: int, written: int) -> float:
    flops = 2.0 * weights * question  # the last of these gives the first written token
    for _ in range(written - 1):
        flops += 2.0 * weights
    return flops


@flops_of_answer.also_right
def _by_positions(weights: int, question: int, written: int) -> float:
    read = torch.ones(question + written)
    read[-1] = 0
    return float(read.double().sum() * weights * 2)


@flops_of_answer.wrong(
    "Is the question free? Each of its tokens goes through the network as well: count them, too."
)
def _written_only(weights: int, question: int, written: int) -> float:
    return 2.0 * weights * written


@flops_of_answer.wrong(
    "Which token is never read? The last one that is written: it is chosen, and then the work ends."
)
def _last_one_read(weights: int, question: int, written: int) -> float:
    return 2.0 * weights * (question + written)


@flops_of_answer.wrong(
    "How many FLOPs does a weight take for a token? Two: a multiplication and an addition."
)
def _multiplications_only(weights: int, question: int, written: int) -> float:
    return float(weights * (question + written - 1))


@flops_of_answer.wrong(
    "Training or answering? Six FLOPs for each weight are forward and backward pass together; an "
    "answer has the forward pass only, and takes two."
)
def _as_in_training(weights: int, question: int, written: int) -> float:
    return 6.0 * weights * (question + written - 1)


@flops_of_answer.wrong(
    "Is the whole text read again for each new token? Keys and values are kept, so that each token "
    "goes through once."
)
def _read_again(weights: int, question: int, written: int) -> float:
    return sum(2.0 * weights * (question + done) for done in range(written))


@flops_of_answer.wrong(
    "Added or multiplied? Question and written tokens go through one after the other: their numbers "
    "are added."
)
def _multiplied(weights: int, question: int, written: int) -> float:
    return 2.0 * weights * question * written


@flops_of_answer.inputs
def _sizes(rng: torch.Generator) -> Iterator[tuple[int, int, int]]:
    yield 1000, 6, 4
    for _ in range(11):
        weights = int(10 ** (3 + 8 * torch.rand((), generator=rng)))
        question = int(torch.randint(5, 400, (), generator=rng))
        yield weights, question, int(torch.randint(2, 300, (), generator=rng))
    yield 135_000_000, 21, 1
