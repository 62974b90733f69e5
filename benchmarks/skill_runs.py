"""What one model that predicts tokens does besides: judging sums, writing in a style, knowing more than
the next token. SmolLM2, for the last section of the chapter on emergence.

    python benchmarks/skill_runs.py            (shows the means)
    python benchmarks/skill_runs.py --write    (makes what is not stored; of all, a minute or two of
                                                 processor time)

Writes course/runs/skill_runs.csv, a row for each item of each skill and condition, with its `value`.

- judge, 30 sums with their true and with a false result: "asked, true" and so on, how much likelier
  the model finds "right" than "wrong" if it is asked, in nats; "sure, true" and so on, log P of the
  result if the model is to give it itself.
- style, 12 samples of 60 tokens: how many of 100 words are Shakespeare's and no longer ours, after a
  passage of a play ("a play") and after one of an encyclopedia ("an encyclopedia").
- ahead, five splits of 40 texts: how often a linear probe names a token one ("next") or two ("second")
  places later, from the "last two tokens" or from the stream behind layers 5, 15 and 29.

The command, versions and machine decide every digit.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.of_smollm2 import make_missing_of_smollm2
from course.runs.stored import asked_to_write, stored
from utils import GPT, generate
from utils.data.shakespeare import play
from utils.data.wikipedia import articles
from utils.interpretability.few_shot import completions, margins
from utils.interpretability.planning import ahead_accuracy, vectors_and_tokens
from utils.interpretability.self_checks import asked_to_add, asked_to_judge, claimed_sums
from utils.text.tokenizer import Tokenizer

FILE = "skill_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
SUMS, SAMPLES, TEXTS, TOKENS, SPLITS = 30, 12, 40, 80, 5
LAYERS = (5, 15, 29)
# Common in the plays, and hardly ever written today.
OLD_WORDS = re.compile(
    r"\b(thou|thee|thy|thine|hath|doth|dost|hast|art|shalt|wilt|ere|tis|twas|ay|nay|sirrah|methinks|"
    r"prithee|wherefore|hither|thither|whence)\b"
)

Found = Iterator[tuple[str, int, float]]


class Run(NamedTuple):
    """One of the three."""

    skill: str


def judged(model: GPT, tok: Tokenizer, count: int = SUMS) -> Found:
    """For each sum: the condition, its number, the value."""
    sums = claimed_sums(count)
    asked, sure = [], []
    for begin in range(0, len(sums), 20):
        some = sums[begin : begin + 20]
        asked += margins(model, tok, [asked_to_judge(one) for one in some])
        sure += [one.log_p for one in completions(model, tok, [asked_to_add(one) for one in some])]
    for name, values in {"asked": asked, "sure": sure}.items():
        for place, (one, value) in enumerate(zip(sums, values, strict=True)):
            yield f"{name}, {'true' if one.true else 'false'}", place // 2, value


def in_style(model: GPT, tok: Tokenizer, samples: int = SAMPLES) -> Found:
    """For each sample: what it goes on from, its number, and the old words in 100."""
    hamlet = play("hamlet")
    begin = hamlet.index("Whither wilt thou lead me")
    article = next(one.text for one in articles("english") if one.title == "Water")
    texts = {"a play": hamlet[begin : begin + 400], "an encyclopedia": article[:400]}
    for name, text in texts.items():
        written = generate(model, tok, [text] * samples, max_new_tokens=60, temperature=0.8, seed=0)
        for place, said in enumerate(written):
            words = re.findall(r"[a-z]+", said.lower())
            yield name, place, 100 * len(OLD_WORDS.findall(said.lower())) / max(1, len(words))


def ahead(model: GPT, tok: Tokenizer, count: int = TEXTS, splits: int = SPLITS) -> Found:
    """For each place ahead and each source of the probe: the name, the split, the accuracy."""
    long = (tok.encode(one.text) for one in articles("english") if len(one.text) > 6 * TOKENS)
    texts = torch.tensor([ids[:TOKENS] for ids, _ in zip(long, range(count), strict=False)])
    vectors = vectors_and_tokens(model, texts, LAYERS)
    for places, word in ((1, "next"), (2, "second")):
        for name, each in vectors.items():
            for split in range(splits):
                test = range(split, count, splits)
                yield f"{word}, {name}", split, ahead_accuracy(each, texts, places, test=test)


SKILLS = {"judge": judged, "style": in_style, "ahead": ahead}


def one_run(run: Run, model: GPT, tok: Tokenizer, **sizes: int) -> list[dict[str, Any]]:
    torch.set_num_threads(1)
    return [
        {**run._asdict(), "condition": condition, "item": item, "value": f"{value:.4f}"}
        for condition, item, value in SKILLS[run.skill](model, tok, **sizes)
    ]


def show() -> None:
    """The means of each condition."""
    values = defaultdict(list)
    for row in stored(FILE):
        values[row["skill"], row["condition"]].append(float(row["value"]))
    for (skill, condition), found in values.items():
        print(f"{skill:6} {condition:24} {fmean(found):7.3f} ({len(found)})")


def main() -> None:
    if asked_to_write(__doc__):
        make_missing_of_smollm2(STORED, map(Run, SKILLS), one_run)
    show()


if __name__ == "__main__":
    main()
