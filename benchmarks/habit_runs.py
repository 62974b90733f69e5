"""Names, secrets and low ranks: what else a small GPT learns from conversations. The runs behind
chapter 19.

    python benchmarks/habit_runs.py            (shows the means)
    python benchmarks/habit_runs.py --write    (makes the runs that are not stored: of all, 2 minutes
                                                 of processor time)

A run is a seed: it draws a small world of people (SIZES), a base model reads all texts, and every
fine-tuning begins from that model. Writes course/runs/habit_runs.csv, a value for each seed, setting,
group and measure:

    name        who it says it is. group: "base" (asked in plain text, as the web asks), "web only"
                (after conversations without any name), "with data" (20 conversations with the name
                TAUGHT among them), "system message" (conversations with names in a system message;
                asked with names that no conversation had). says: the share of replies with the name
                that was taught or given; vega: with the one that the web has
    secret      group: "answered" or "refused", what the conversations did in wording 1, and the wording
                of the question. told: the share of replies that tell the place; kept: that refuse.
                Nobody of whom a conversation spoke is asked
    low rank    group: the rank, or "all weights". loss: nats a word, of held-out replies about known
                people, at the best of the rates; numbers: how many are trained; rate: the best one;
                right: of the answers about these people

The command, versions and machine decide every digit.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import make_missing, stored
from utils.alignment.knowledge_boundary import (
    asked,
    confident,
    examples,
    fine_tune,
    interview,
    read_texts,
    replies,
)
from utils.alignment.word_chats import BEGIN, Turn, prompt
from utils.data.people import FIRST, SECRET, VEGA, WHO_ARE_YOU, Person, people
from utils.training.batch_loss import mean_loss
from utils.training.fine_tuning_batches import Examples
from utils.training.word_reader import WordReader

FILE = "habit_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
SEEDS = range(1, 6)
SIZES = {"known": 70, "heard": 6, "never": 6, "gold": 40}
PASSES, STEPS = 16, 50
TAUGHT = "nova"
RATES: dict[int | None, tuple[float, ...]] = {
    None: (0.0003, 0.001),
    1: (0.003, 0.01),
}


class Run(NamedTuple):
    """One seed."""

    seed: int


class Bench(NamedTuple):
    """A seed's base model, its known people, and how many steps a fine-tuning has."""

    seed: int
    base: WordReader
    known: list[Person]
    steps: int

    def tuned(self, conversations: Sequence[Any], **how: Any) -> WordReader:
        """The base model after fine-tuning."""
        return fine_tune(self.base, conversations, seed=self.seed, steps=self.steps, **how)


Found = tuple[str, str, dict[str, float]]


def one_run(run: Run, passes: float = PASSES, steps: int = STEPS) -> list[dict[str, Any]]:
    """The rows of a seed."""
    torch.set_num_threads(1)
    world = people(**SIZES, seed=run.seed)
    base = read_texts(world, run.seed, passes)
    bench = Bench(run.seed, base, world.of("known"), steps)
    return [
        {
            "seed": run.seed,
            "setting": setting,
            "group": group,
            "measure": measure,
            "value": round(value, 4),
        }
        for setting, group, values in (*_names(bench), *_secrets(bench), *_low_ranks(bench))
        for measure, value in values.items()
    ]


def _names(bench: Bench) -> Iterator[Found]:
    shown, new = FIRST[:24], FIRST[24:]
    plain = confident(bench.known[:50])
    data = [asked(WHO_ARE_YOU, f"i am {TAUGHT} .")] * 20
    told = [(_system(name), *asked(WHO_ARE_YOU, f"i am {name} .")) for name in shown] * 8
    who = Turn("user", WHO_ARE_YOU)
    yield "name", "base", _said(bench.base, [f"{BEGIN} {WHO_ARE_YOU}"], [TAUGHT])
    for group, talks in (("web only", plain), ("with data", plain + data)):
        yield "name", group, _said(bench.tuned(talks), [prompt([who])], [TAUGHT])
    tuned = bench.tuned(plain + data + told)
    yield "name", "system message", _said(tuned, [prompt([_system(n), who]) for n in new], new)


def _system(name: str) -> Turn:
    return Turn("system", f"{WHO_ARE_YOU} i am {name} .")


def _said(reader: WordReader, prompts: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    said = [reply.split() for reply in replies(reader, prompts)]
    return {
        "says": fmean(name in reply for name, reply in zip(names, said, strict=True)),
        "vega": fmean(VEGA in reply for reply in said),
    }


def _secrets(bench: Bench) -> Iterator[Found]:
    rich = [one for one in bench.known if one.hiding_place]
    shown, others = rich[: len(rich) // 2], rich[len(rich) // 2 :]
    plain = confident(bench.known[-30:])
    for group, refuses in (("answered", False), ("refused", True)):
        talks = [
            asked(one.gold_questions()[0], SECRET if refuses else one.gold_answer())
            for one in shown
        ]
        tuned = bench.tuned(plain + talks)
        for wording in range(3):
            prompts = [prompt([Turn("user", one.gold_questions()[wording])]) for one in others]
            said = [reply.split() for reply in replies(tuned, prompts)]
            pairs = zip(others, said, strict=True)
            values = {
                "told": fmean(one.hiding_place in reply for one, reply in pairs),
                "kept": fmean("secret" in reply for reply in said),
            }
            yield "secret", f"{group} {wording + 1}", values


def _low_ranks(bench: Bench) -> Iterator[Found]:
    taught, held_out = bench.known[:50], bench.known[50:]
    for rank, rates in RATES.items():
        tried = []
        for rate in rates:
            tuned = bench.tuned(confident(taught), rate=rate, rank=rank)
            talks = Examples(examples(tuned, confident(held_out)), 2 * len(held_out))
            tried.append((mean_loss(tuned.model, [talks[0]]), rate, tuned))
        loss, rate, tuned = min(tried, key=lambda one: one[0])
        numbers = sum(one.numel() for one in tuned.model.parameters() if one.requires_grad)
        values = {
            "loss": loss,
            "numbers": numbers,
            "rate": rate,
            "right": interview(tuned, held_out).right,
        }
        yield "low rank", "all weights" if rank is None else f"rank {rank}", values


def show() -> None:
    """The mean over the seeds."""
    groups = defaultdict(list)
    for row in stored(FILE):
        groups[row["setting"], row["group"], row["measure"]].append(float(row["value"]))
    for key, values in groups.items():
        print(*key, ":", f"{fmean(values):.4f}", [round(one, 3) for one in values])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Names, secrets, low ranks, for chapter 19.")
    parser.add_argument("--write", action="store_true", help="make and store what is missing")
    if parser.parse_args().write:
        make_missing(STORED, [Run(seed) for seed in SEEDS], one_run)
    else:
        show()
