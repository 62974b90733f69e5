"""A small GPT learns to calculate in three stages: it reads what people write, it imitates people in
a hurry, and it practises: it writes solutions of its own, and a checker says which are right.

    pupil = read(LAST_DIGITS, seed=1)
    imitate(pupil, LAST_DIGITS, HURRIED, seed=1)
    for step in practise(pupil, copy.deepcopy(pupil), LAST_DIGITS.draw(SIZE), answer_checker, ...):
        print(step.scores.mean())
"""

import random
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.alignment.checkers import Checker
from utils.alignment.grpo_loop import GRPOSettings, Round, grpo_judged
from utils.alignment.policy_step import PolicyStep
from utils.alignment.replies import Replies, sample_replies
from utils.data.careless_solutions import END, Habits, Task, solution
from utils.data.problems_in_steps import Draw, Problem
from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.training.batches import Batch
from utils.training.loop import train
from utils.training.short_training import short_training
from utils.training.step_writer import decode, encode, new_step_writer

SIZE = 4  # operations of a calculation; numbers of a sum
READ = Habits(with_steps=0.6)
HURRIED = Habits(with_steps=0.08)
END_ID = encode(END)[0]
MAX_NEW_TOKENS = 12  # the longest that people write are 5 symbols, or 7 in sums
_CONTEXT = 32
PRACTICE = GRPOSettings(
    beta=0.0, n_groups=16, group_size=8, epochs=1, lr=3e-4, max_new_tokens=MAX_NEW_TOKENS
)


class Solutions:
    """Endless numbered batches of problems with a solution each, drawn anew; the solutions are
    learned.
    """

    def __init__(self, task: Task, size: int, habits: Habits, seed: int, batch_size: int = 64):
        self.task, self.habits, self.seed, self.batch_size = task, habits, seed, batch_size
        self.draw = task.draw(size)

    def __getitem__(self, number: int) -> Batch:
        rng = random.Random(self.seed * 1_000_003 + number)
        rows, begins = [], []
        for _ in range(self.batch_size):
            problem = self.draw(rng)
            written = solution(self.task, problem, self.habits, rng)
            rows.append(encode(problem.question + written))
            begins.append(len(problem.question))
        ids, real = pad(rows, "right")
        places = torch.arange(ids.shape[1])
        return {"ids": ids, "learn": real & (places >= torch.tensor(begins)[:, None])}


def read(task: Task, seed: int, steps: int = 450, habits: Habits = READ, size: int = SIZE) -> GPT:
    """A new GPT that has read solutions of both kinds."""
    model = new_step_writer("steps", seed, context=_CONTEXT).model
    batches = Solutions(task, size, habits, seed)
    train(model, batches, short_training(steps, 0.005, seed), progress=False)
    return model


def imitate(
    model: GPT, task: Task, seed: int, steps: int = 60, habits: Habits = HURRIED, size: int = SIZE
) -> None:
    """Fine-tune it, in place, on what people of these habits write."""
    batches = Solutions(task, size, habits, seed + 1000)
    train(model, batches, short_training(steps, 0.001, seed), progress=False)


def practise(
    model: GPT,
    reference: GPT,
    draw: Draw,
    checker: Checker,
    *,
    steps: int,
    seed: int,
    settings: GRPOSettings = PRACTICE,
) -> Iterator[PolicyStep]:
    """Train it, in place, on problems that are drawn anew at each step; yields what it wrote. All
    that it learns from is the checker's number for each reply.
    """
    rng = random.Random(seed)

    def ask(_: torch.Generator) -> Round:
        problems = [draw(rng) for _ in range(settings.n_groups)]
        asked = [problem for problem in problems for _ in range(settings.group_size)]
        prompts = [encode(problem.question) for problem in problems]
        return prompts, lambda replies: marks(checker, asked, written(replies))

    yield from grpo_judged(model, reference, ask, settings, end_id=END_ID, steps=steps, seed=seed)


def marks(
    checker: Checker, problems: Sequence[Problem], replies: Sequence[str]
) -> Float[Tensor, " reply"]:
    """The checker's number for each reply."""
    pairs = zip(problems, replies, strict=True)
    return torch.tensor([checker(problem, reply) for problem, reply in pairs])


def written(replies: Replies) -> list[str]:
    """Replies as texts, with the full stop where there is one."""
    return [decode(ids) for ids in replies.tokens()]


def ask_for(model: GPT, problems: Sequence[Problem], seed: int) -> list[str]:
    """A reply of the model to each of these, drawn at temperature 1."""
    replies = sample_replies(
        model,
        [encode(problem.question) for problem in problems],
        end_id=END_ID,
        max_new_tokens=MAX_NEW_TOKENS,
        generator=torch.Generator().manual_seed(seed),
    )
    return written(replies)


def has_steps(problem: Problem, reply: str) -> bool:
    """Whether more than an answer is written."""
    return len(reply.removesuffix(END)) > len(problem.answer)


def draw_problems(draw: Draw, count: int, seed: int) -> list[Problem]:
    """So many problems; the same seed gives the same."""
    rng = random.Random(seed)
    return [draw(rng) for _ in range(count)]
