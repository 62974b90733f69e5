"""A small GPT that calculates: it reads a question and writes its answer at once, after dots or
after the steps.

    writer = new_step_writer("steps", context=24, seed=1)
    writer.learn(last_digits(5), steps=400, rate=0.005, seed=1)
    writer.write(["3*7+4*9+5*3="], count=5)
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from utils.data.problems_in_steps import SYMBOLS, Draw, Problem, Way, completion
from utils.loading.checkpoint import load_checkpoint, save_checkpoint
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.seeding import seeded
from utils.text.vocabulary import Vocabulary
from utils.training.batches import Batch
from utils.training.flops import forward_flops_per_token
from utils.training.history import History
from utils.training.loop import train
from utils.training.short_training import short_training

_ID = {symbol: id for id, symbol in enumerate(SYMBOLS)}


def encode(text: str) -> list[int]:
    """The ids of a text's symbols. ValueError for a symbol that is none of SYMBOLS."""
    unknown = [symbol for symbol in text if symbol not in _ID]
    if unknown:
        raise ValueError(
            f"{unknown[0]!r} is none of the symbols that a step writer reads: {SYMBOLS}"
        )
    return [_ID[symbol] for symbol in text]


def decode(ids: Sequence[int]) -> str:
    """The text of some ids."""
    return "".join(SYMBOLS[id] for id in ids)


@dataclass(frozen=True)
class StepWriter:
    """A model, and what it writes before an answer."""

    model: GPT
    way: Way

    def learn(
        self, draw: Draw, *, steps: int, rate: float | int, seed: int, batch_size: int = 64
    ) -> History:
        """Train on problems that are drawn anew at each step; only what stands behind the question
        is learned.
        """
        config = short_training(steps, rate, seed)
        batches = DrawnProblems(draw, self.way, batch_size, seed)
        return train(self.model, batches, config, progress=False)

    @torch.no_grad()
    def next_symbols(self, texts: Sequence[str]) -> Float[Tensor, "text symbol"]:
        """The probability of every symbol after each text; all texts are of the same length."""
        ids = torch.tensor([encode(text) for text in texts])
        return self.model.next_logits(ids).softmax(dim=-1)

    @torch.no_grad()
    def write(
        self,
        texts: Sequence[str],
        count: int,
        temperature: float | int = 0.0,
        rng: torch.Generator | None = None,
    ) -> list[str]:
        """The `count` symbols that follow each text, all of the same length. At temperature 0 the
        likeliest one after the other; else drawn with `rng`.
        """
        ids: Int64[Tensor, "text pos"] = torch.tensor([encode(text) for text in texts])
        begin = ids.shape[1]
        cache = self.model.new_cache(len(texts), begin + count)
        new = ids
        for _ in range(count):
            new = _chosen(self.model.next_logits(new, None, cache), temperature, rng)
            ids = torch.cat([ids, new], dim=1)
        return [decode(row) for row in ids[:, begin:].tolist()]

    def answers(self, problems: Sequence[Problem]) -> list[str]:
        """What it answers to each of these, of one task and size, with all that it writes before."""
        count = len(completion(problems[0], self.way))
        written = self.write([problem.question for problem in problems], count)
        return [text[-len(problems[0].answer) :] for text in written]

    def share_right(self, problems: Sequence[Problem]) -> float:
        """The share of these that it answers rightly."""
        pairs = zip(self.answers(problems), problems, strict=True)
        return sum(answer == problem.answer for answer, problem in pairs) / len(problems)

    def flops_per_answer(self, problem: Problem) -> int:
        """Floating-point operations for reading the question and writing the whole answer, each
        token processed once.
        """
        tokens = len(problem.question) + len(completion(problem, self.way)) - 1
        per_token = [forward_flops_per_token(self.model.config, n) for n in range(1, tokens + 1)]
        return sum(per_token)


def _chosen(
    logits: Float[Tensor, "text symbol"], temperature: float | int, rng: torch.Generator | None
) -> Int64[Tensor, "text 1"]:
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    return torch.multinomial((logits / temperature).softmax(dim=-1), 1, generator=rng)


class DrawnProblems:
    """Endless numbered batches of problems, with what a writer of this way has to learn."""

    def __init__(self, draw: Draw, way: Way, batch_size: int = 64, seed: int = 0):
        self.draw, self.way, self.batch_size, self.seed = draw, way, batch_size, seed

    def __getitem__(self, number: int) -> Batch:
        rng = random.Random(self.seed * 1_000_003 + number)
        problems = [self.draw(rng) for _ in range(self.batch_size)]
        texts = [problem.question + completion(problem, self.way) for problem in problems]
        ids: Int64[Tensor, "batch pos"] = torch.tensor([encode(text) for text in texts])
        learn = torch.arange(ids.shape[1]) >= len(problems[0].question)
        return {"ids": ids, "learn": learn.expand_as(ids)}


def new_step_writer(
    way: Way, seed: int, n_layer: int = 2, d_model: int = 48, context: int = 24
) -> StepWriter:
    """An untrained writer of GPT-2's kind, its first weights drawn with `seed`.

    Its matrices start four times as large as GPT-2's, which are made for wider models. The caller's
    random numbers stay as they were.
    """
    config = GPTConfig(
        vocab_size=len(SYMBOLS), context_length=context, n_layer=n_layer, n_head=4, d_model=d_model
    )
    with seeded(seed):
        model = GPT(config)
    start_larger(model)
    return StepWriter(model, way)


def save_step_writer(path: Path, writer: StepWriter) -> None:
    """Write the model as one safetensors file."""
    symbols = tuple(symbol.encode() for symbol in SYMBOLS)
    save_checkpoint(path, writer.model, Vocabulary(symbols, ()))


def load_step_writer(path: Path, way: Way) -> StepWriter:
    """The inverse. ValueError if the file is none of ours, or made for other symbols."""
    model, vocabulary = load_checkpoint(path, torch.float32, torch.device("cpu"))
    symbols = b"".join(vocabulary.tokens).decode()
    if symbols != SYMBOLS:
        raise ValueError(
            f"{path} is a model of the symbols {symbols!r}, and {SYMBOLS!r} are expected: make the "
            "file again with the command of benchmarks/ that wrote it."
        )
    return StepWriter(model, way)
