"""What a small GPT knows after ever more of Shakespeare, each character read once: the runs behind
chapter 14's order of learning.

    python benchmarks/learning_order.py            (shows the mean shares by characters read)
    python benchmarks/learning_order.py --write    (makes the runs that are not stored, 3 minutes of
                                                    processor time)

Writes course/runs/learning_order.csv, a row for each look at each run: `held_out` is the loss on
unread text in nats per character, `spelling`, `names`, `words` and `agreement` the share of pairs of
which the model finds the right one likelier (utils/data/reading_tests.py), `text` what it wrote (a
line's end is stored as "\\n"). The learning rate is on its way down through the whole run, so the
looks before the last are not at the end of a training of their own. The command, versions and
machine decide every digit.
"""

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import torch

from course.runs.stored import make_missing, select, stored
from utils.data.reading_tests import reading_tests
from utils.model.gpt import GPT
from utils.training.choice_test import share_right
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.single_pass import ShuffledWindows
from utils.training.small_reader import CONTEXT, Reading, held_out_loss, new_reader
from utils.training.small_scaling import all_plays, write_text

FILE = Path(__file__).resolve().parents[1] / "course" / "runs" / "learning_order.csv"
WIDTH, RATE, SEEDS = 64, 0.01, (1, 2, 3, 4)
WINDOWS = 8  # in a batch
LOOKS = (0, 10, 30, 100, 300, 1000, 2000)  # steps


class Run(NamedTuple):
    """What sets a run apart."""

    seed: int


def one_run(text: Reading, seed: int, looks: tuple[int, ...] = LOOKS) -> list[dict[str, Any]]:
    """A row for each look, of a training that ends with the last."""
    model = new_reader(text, seed, WIDTH)
    read, unread = (text_of(text, part) for part in (text.train, text.held_out))
    tests = reading_tests(read, unread)
    rows: list[dict[str, Any]] = []

    def look(model: GPT) -> float:
        step = len(reached)
        reached.append(step)
        if step in looks:
            shares = {
                name: round(share_right(model, text, pairs), 4) for name, pairs in tests.items()
            }
            row = {"seed": seed, "characters": step * WINDOWS * CONTEXT}
            row |= {"held_out": round(held_out_loss(model, text), 4), **shares}
            rows.append(row | {"text": write_text(model, text, 300, seed=1).replace("\n", "\\n")})
        return 0.0

    reached: list[int] = []
    config = TrainConfig(
        steps=looks[-1],
        learning_rate=RATE,
        warmup_steps=min(50, looks[-1] // 10),
        weight_decay=0.0,
        seed=seed,
        evaluate_every=1,
    )
    batches = ShuffledWindows(text.train, CONTEXT, WINDOWS, seed)
    train(model, batches, config, evaluate=look, progress=False)
    return rows


def text_of(text: Reading, ids: Any) -> str:
    return "".join(text.characters[id] for id in ids)


def show() -> None:
    """The means over the seeds."""
    for characters in sorted({row["characters"] for row in stored(FILE.name)}, key=float):
        rows = select(FILE.name, characters=characters)
        shown = [f"{float(characters):9,.0f}"]
        for name in ("held_out", "spelling", "names", "words", "agreement"):
            shown.append(f"{name} {sum(float(row[name]) for row in rows) / len(rows):.3f}")
        print("  ".join(shown), len(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="make the runs that are not stored")
    if parser.parse_args().write:
        torch.set_num_threads(1)
        text = all_plays()
        make_missing(FILE, map(Run, SEEDS), lambda run: one_run(text, run.seed))
    show()


if __name__ == "__main__":
    main()
