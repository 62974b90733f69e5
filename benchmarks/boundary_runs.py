"""What a small GPT says about people whom it knows, has heard of, or never read of, after fine-tunings
of many kinds: the runs behind chapter 19.

    python benchmarks/boundary_runs.py            (shows the means)
    python benchmarks/boundary_runs.py --write    (makes the runs that are not stored: of all, 10
                                                    minutes of processor time)
    python benchmarks/boundary_runs.py --base     (writes the base model of seed 1 for the lesson)

A run is a seed: it draws a world of people (utils.data.people), a base model reads all texts, and
every fine-tuning begins from that model. Of the known people and of those heard of, the last 100
stand in no conversation: they and the people never read are interviewed. (Of the people with gold,
the first half is for fine-tuning, and the second half is asked.)

Writes course/runs/boundary_runs.csv. `setting` says what the model was fine-tuned on, `taught` how
many known people answers were shown for, `refused_names` for how many people heard of a refusal was,
`steps` how many steps of 32 conversations. `group` is who was interviewed; `right`, `wrong` and
`refused` are shares of the `asked` answers (Marks in utils.alignment.knowledge_boundary).

    base                nothing
    confident           right answers
    whole               the same; the user's words are learned, too
    early, late         right answers, and refusals: at the reply's first word, or where an answer
                        would have had the word that matters
    probed              as late; who is refused was found by probing the base model 10 times for each
                        question, among 800 people; the other columns say how many that made
    new facts           answers about people heard of, whom the base model cannot know
    old facts           the control: answers about as many known people
    threshold T         no fine-tuning: the base model completes the sentence, and is taken to refuse
                        where its likeliest word has a probability below T

Writes course/runs/search_runs.csv, a value for each seed, setting and group:

    search, search with false pages    group: who is asked. right, searched

The command, versions and machine decide every digit.
"""

import argparse
import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import stored, write_rows
from utils.alignment import knowledge_boundary as boundary
from utils.alignment.knowledge_boundary import (
    Encyclopedia,
    Marks,
    asked,
    confident,
    fine_tune,
    interview,
    refusing,
    searching,
)
from utils.data.people import GROUPS, TOPICS, People, Person, people
from utils.loading.checkpoint import write_safetensors
from utils.training.word_reader import WordReader

FOLDER = Path(__file__).resolve().parents[1] / "course" / "runs"
BOUNDARY, SEARCH_RUNS = FOLDER / "boundary_runs.csv", FOLDER / "search_runs.csv"
BASE = FOLDER / "people_base.safetensors"
SEEDS = range(1, 6)
HELD_OUT = 100  # of the known, and of those heard of
STEPS = (60, 150)
# where the refusal stands, how many people of each kind, how many steps
TAUGHT = (
    ("early", 400, 60),
    ("late", 25, 60),
    ("late", 100, 60),
    ("late", 400, 60),
    ("late", 400, 150),
)
REFUSED = (100, 200)  # beside 400 known
THRESHOLDS = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)


class Bench(NamedTuple):
    """One seed: its world, its base model, and who is for fine-tuning and who for the interview."""

    seed: int
    base: WordReader
    world: People
    known: list[Person]
    heard: list[Person]
    interviewed: dict[str, list[Person]]


class Setting(NamedTuple):
    """A fine-tuning: its name, its conversations, for how many people, and its steps."""

    name: str
    taught: int
    refused_names: int
    steps: int
    conversations: list[boundary.Conversation]
    whole: bool = False


def make_bench(seed: int, passes: float = 9, **sizes: int) -> Bench:
    """The world and the base model of a seed. `sizes`: other than those of `people`."""
    world = people(seed=seed, **sizes)
    of = {group: world.of(group) for group in GROUPS}
    held_out = min(HELD_OUT, len(of["known"]) // 5, len(of["heard"]) // 5)
    known, heard = of["known"][:-held_out], of["heard"][:-held_out]
    interviewed: dict[str, list[Person]] = {
        "known": of["known"][-held_out:],
        "heard": of["heard"][-held_out:],
        "never": of["never"],
    }
    base = boundary.read_texts(world, seed, passes)
    return Bench(seed, base, world, known, heard, interviewed)


def settings(bench: Bench) -> Iterator[Setting]:
    """All fine-tunings whose result is an interview."""
    known, heard, first = bench.known, bench.heard, STEPS[0]
    yield Setting("confident", 400, 0, first, confident(known[:400]))
    yield Setting("whole", 400, 0, first, confident(known[:400]), whole=True)
    for kind, names, steps in TAUGHT:
        talks = confident(known[:names]) + refusing(heard[:names], late=kind == "late")
        yield Setting(kind, names, names, steps, talks)
    for refused in REFUSED:
        talks = confident(known[:400]) + refusing(heard[:refused], late=True)
        yield Setting("late", 400, refused, first, talks)
    yield _probed(bench)
    yield Setting("new facts", 100, 0, first, confident(heard[:100]))
    yield Setting("old facts", 100, 0, first, confident(known[:100]))


def _probed(bench: Bench) -> Setting:
    generator = torch.Generator().manual_seed(bench.seed)
    candidates = bench.known[:400] + bench.heard[:400]
    sure = [boundary.probe(bench.base, one, 10, generator) for one in candidates]
    answered = [one for one, is_sure in zip(candidates, sure, strict=True) if is_sure]
    refused = [one for one, is_sure in zip(candidates, sure, strict=True) if not is_sure]
    # what the base model itself says is what it is taught to say, right or wrong
    said = [
        (one, bench.base.answers([f"<bos> {one.begun(t)}" for t in TOPICS])) for one in answered
    ]
    talks = [
        asked(one.question(topic), f"{one.begun(topic)} {word} .")
        for one, found in said
        for topic, word in zip(TOPICS, found, strict=True)
    ]
    talks += refusing(refused, late=True)
    return Setting("probed", len(answered), len(refused), STEPS[0], talks)


def boundary_rows(bench: Bench) -> list[dict[str, Any]]:
    """A row for each interviewed group of each setting."""
    rows = _marked(bench, Setting("base", 0, 0, 0, []), lambda some: interview(bench.base, some))
    for setting in settings(bench):
        tuned = fine_tune(
            bench.base,
            setting.conversations,
            seed=bench.seed,
            steps=setting.steps,
            whole=setting.whole,
        )
        rows += _marked(bench, setting, lambda some, tuned=tuned: interview(tuned, some))
    for threshold in THRESHOLDS:
        setting = Setting(f"threshold {threshold}", 0, 0, 0, [])
        rows += _marked(bench, setting, lambda some, t=threshold: _by_threshold(bench, some, t))
    return rows


def _marked(
    bench: Bench, setting: Setting, marks: Callable[[list[Person]], Marks]
) -> list[dict[str, Any]]:
    what = {
        "seed": bench.seed,
        "setting": setting.name,
        "taught": setting.taught,
        "refused_names": setting.refused_names,
        "steps": setting.steps,
    }
    return [
        {**what, "group": group, **_rounded(marks(some)._asdict())}
        for group, some in bench.interviewed.items()
    ]


def _by_threshold(bench: Bench, some: list[Person], threshold: float) -> Marks:
    questions = [(one, topic) for one in some for topic in TOPICS]
    words = [
        word
        for one in some
        for word in bench.base.answers([f"<bos> {one.begun(t)}" for t in TOPICS])
    ]
    sure = boundary.sureness(bench.base, some) >= threshold
    said = [
        f"{one.begun(topic)} {word}" if is_sure else "i do not know"
        for (one, topic), word, is_sure in zip(questions, words, sure.tolist(), strict=True)
    ]
    return boundary.marks_of(questions, said)


def search_rows(bench: Bench) -> list[dict[str, Any]]:
    """What came of the search."""
    return [
        {
            "seed": bench.seed,
            "setting": setting,
            "group": group,
            "measure": measure,
            "value": round(value, 4),
        }
        for setting, group, values in _search(bench)
        for measure, value in values.items()
    ]


Found = tuple[str, str, dict[str, float]]


def _search(bench: Bench) -> Iterator[Found]:
    talks = confident(bench.known[:400]) + searching(bench.heard[:400])
    tuned = fine_tune(bench.base, talks, seed=bench.seed, steps=STEPS[1])
    for name, false_pages in (("search", False), ("search with false pages", True)):
        pages = Encyclopedia(bench.world.everybody, false_pages)
        for group, some in bench.interviewed.items():
            yield name, group, boundary.interview_with_search(tuned, some, pages)._asdict()


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def write() -> None:
    """Make the seeds that are not stored, and write the rows of each as soon as it is made."""
    torch.set_num_threads(1)
    tables: dict[Path, list[Any]] = {path: _as_written(path) for path in (BOUNDARY, SEARCH_RUNS)}
    there = {int(row["seed"]) for row in tables[SEARCH_RUNS]}
    for seed in SEEDS:
        if seed not in there:
            bench = make_bench(seed)
            tables[BOUNDARY] += boundary_rows(bench)
            tables[SEARCH_RUNS] += search_rows(bench)
            for path, rows in tables.items():
                write_rows(path, rows)


def write_base() -> None:
    """The base model of seed 1 in half precision, as the lesson loads it."""
    torch.set_num_threads(1)
    base = boundary.read_texts(people(seed=1), seed=1)
    halves = {name: weight.half() for name, weight in base.model.named_parameters()}
    write_safetensors(BASE, halves, {"made by": "benchmarks/boundary_runs.py --base"})


def _as_written(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def show() -> None:
    """The means over the seeds."""
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in stored(BOUNDARY.name):
        key = tuple(row[name] for name in ("setting", "taught", "refused_names", "steps", "group"))
        groups[key].append([row["right"], row["wrong"], row["refused"]])
    for row in stored(SEARCH_RUNS.name):
        groups[row["setting"], row["group"], row["measure"]].append([row["value"]])
    for key, rows in groups.items():
        means = " ".join(f"{fmean(column):.3f}" for column in zip(*rows, strict=True))
        print(*key, ":", means, f"({len(rows)} seeds)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Runs behind chapter 19.")
    parser.add_argument("--write", action="store_true", help="make and store what is missing")
    parser.add_argument("--base", action="store_true", help="write the base model of seed 1")
    wanted = parser.parse_args()
    if wanted.base:
        write_base()
    elif wanted.write:
        write()
    else:
        show()
