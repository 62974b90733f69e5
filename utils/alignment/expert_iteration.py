"""Practice without a policy gradient: write many solutions, keep those that the checker calls right,
fine-tune on them, and again (expert iteration: Anthony et al. 2017; STaR: Zelikman et al. 2022).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from utils.alignment.checkers import Checker
from utils.alignment.practice import ask_for, marks
from utils.data.problems_in_steps import Draw, Problem
from utils.model.gpt import GPT
from utils.training.fine_tuning_batches import Examples
from utils.training.loop import train
from utils.training.short_training import short_training
from utils.training.step_writer import encode


@dataclass(frozen=True, kw_only=True)
class ExpertSettings:
    """`n_problems` with `group_size` solutions each in a round; then `updates` steps of fine-tuning
    on those that were right.
    """

    n_problems: int = 160
    group_size: int = 8
    updates: int = 10
    lr: float = 1e-3
    batch_size: int = 64


@dataclass(frozen=True)
class ExpertRound:
    """What one round wrote, before it learned from it: problems, replies, and which are kept."""

    problems: list[Problem]
    replies: list[str]
    kept: list[int]

    @property
    def right(self) -> float:
        """The share that is kept."""
        return len(self.kept) / len(self.replies)


def expert_iteration(
    model: GPT,
    draw: Draw,
    checker: Checker,
    *,
    rounds: int,
    seed: int,
    settings: ExpertSettings | None = None,
) -> Iterator[ExpertRound]:
    """Train `model` in place; yields what each round wrote. A round without a right solution
    teaches nothing.
    """
    chosen = settings or ExpertSettings()
    rng = random.Random(seed)
    for number in range(rounds):
        problems = [draw(rng) for _ in range(chosen.n_problems)]
        asked = [problem for problem in problems for _ in range(chosen.group_size)]
        replies = ask_for(model, asked, rng.randrange(2**31))
        kept = marks(checker, asked, replies).nonzero().flatten().tolist()
        if kept:
            own = [_example(asked[i], replies[i]) for i in kept]
            batches = Examples.for_model(model, own, chosen.batch_size, seed + number)
            config = short_training(chosen.updates, chosen.lr, seed + number)
            train(model, batches, config, progress=False)
        yield ExpertRound(asked, replies, kept)


def _example(problem: Problem, reply: str) -> tuple[list[int], list[bool]]:
    """The question is read, the reply is learned."""
    question, answer = encode(problem.question), encode(reply)
    return question + answer, [False] * len(question) + [True] * len(answer)
