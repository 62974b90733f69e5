"""A small GPT practises calculations with a checker: what it writes, step by step, over several seeds,
and beside it the controls. The runs behind the chapter on reinforcement learning.

    python benchmarks/practice_runs.py            (shows the means)
    python benchmarks/practice_runs.py --write    (makes the seeds that are not stored: of all, some
                                                   11 minutes of processor time)

Writes into course/runs/: practice_runs.csv, a row for every WINDOW steps of each run, means over the
window's replies: `reward` is the checker's number, `right` that of `answer_checker`, `worked` that
of `steps_checker`, `with_steps` the share of replies with more than an answer, `length` in symbols
without the full stop, `kl` from the start in nats per reply (not measured in the run "expert").
practice_stages.csv: the models on 400 new problems, one reply each at temperature 1.
practice_passes.csv: pass@k over 60 new problems with 128 replies each; `checker` says who judges.
practice_samples.csv: of the first seed, eight replies to one problem, every WINDOW steps, as one
text with spaces between them. checkpoints/hurried.safetensors: the first seed's model before it
practises. The command, versions and machine decide every digit.
"""

import copy
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, rows_of, stored, write_rows
from utils.alignment.advantages import centered_rewards
from utils.alignment.checkers import answer_checker, sloppy_checker, steps_checker
from utils.alignment.expert_iteration import expert_iteration
from utils.alignment.masked_sums import mean_over_constant
from utils.alignment.pass_at_k import mean_pass_at_k
from utils.alignment.practice import (
    MAX_NEW_TOKENS,
    PRACTICE,
    SIZE,
    ask_for,
    draw_problems,
    has_steps,
    imitate,
    marks,
    practise,
    read,
    written,
)
from utils.data.careless_solutions import LAST_DIGITS, TOTALS, Task
from utils.data.problems_in_steps import Problem
from utils.model.gpt import GPT
from utils.training.step_writer import StepWriter, save_step_writer

FOLDER = Path(__file__).resolve().parents[1] / "course" / "runs"
SEEDS, STEPS, WINDOW, ROUNDS = (1, 2, 3, 4, 5), 120, 5, 12
PASSES, PROBLEMS, TRIES = (1, 2, 4, 8, 16, 32, 64), 60, 128
FEWER = 40  # steps, where nothing is to be expected, or where each step updates four times
LONGER = SIZE + 2  # operations: longer than anything that was read
TOO_SHORT = (
    200  # steps of reading after which written steps are not yet right more often than chance
)

Rows = dict[str, list[dict[str, Any]]]


VARIANTS = {
    # no deviation, and one length for all
    "constant": replace(
        PRACTICE,
        advantages=centered_rewards,
        average=partial(mean_over_constant, constant=MAX_NEW_TOKENS),
    ),
    "leash": replace(PRACTICE, beta=0.1),
    "four updates": replace(PRACTICE, epochs=4),
    "four, no clip": replace(PRACTICE, epochs=4, clip=1e9),
}


def measured(problems: list[Problem], replies: list[str]) -> dict[str, float]:
    pairs = list(zip(problems, replies, strict=True))
    return {
        "right": fmean(answer_checker(*pair) for pair in pairs),
        "worked": fmean(steps_checker(*pair) for pair in pairs),
        "with_steps": fmean(has_steps(*pair) for pair in pairs),
        "length": fmean(len(reply.rstrip(".")) for reply in replies),
    }


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value:.4f}" if isinstance(value, float) else value for name, value in row.items()
    }


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: fmean(row[name] for row in rows) for name in rows[0]}


def practice_run(
    name: str, start: GPT, seed: int, task: Task = LAST_DIGITS, size: int = SIZE, **options: Any
) -> tuple[GPT, Rows]:
    """The model after the run, the rows of its curve, and some of what it wrote."""
    model = copy.deepcopy(start)
    checker, n_steps = options.get("checker", answer_checker), options.get("steps", STEPS)
    settings = options.get("settings", PRACTICE)
    # who asks remembers what was asked
    asked: list[Problem] = []
    draw = task.draw(size)

    def draw_and_note(rng: Any) -> Problem:
        asked.append(draw(rng))
        return asked[-1]

    label = {"run": name, "seed": seed}
    one = draw_problems(draw, 1, 17) * 8
    curve, samples, window = [], [], []
    practice = partial(practise, model, copy.deepcopy(start), draw_and_note, checker)
    for step, now in enumerate(practice(steps=n_steps, seed=seed, settings=settings)):
        of_group = [problem for problem in asked for _ in range(settings.group_size)]
        asked.clear()
        row = {"reward": float(now.scores.mean()), "kl": float(now.kl.mean())}
        window.append(row | measured(of_group, written(now.replies)))
        if len(window) == WINDOW:
            curve.append(rounded(label | {"step": step + 1} | means(window)))
            window = []
            if seed == SEEDS[0]:
                samples += sampled(name, step + 1, model, one)
    if seed == SEEDS[0]:
        samples = sampled(name, 0, start, one) + samples
    return model, {"runs": curve, "samples": samples}


def sampled(name: str, step: int, model: GPT, one: list[Problem]) -> list[dict[str, Any]]:
    """One row: the problem with its answer, and the replies with a space between them."""
    solved = one[0].question + one[0].answer
    return [
        {"run": name, "step": step, "solved": solved, "replies": " ".join(ask_for(model, one, 18))}
    ]


def stage_row(stage: str, seed: int, model: GPT, task: Task, size: int = SIZE) -> dict[str, Any]:
    problems = draw_problems(task.draw(size), 400, 10**9)
    replies = ask_for(model, problems, 7)
    row = {"stage": stage, "seed": seed, **measured(problems, replies)}
    for column, wanted in (("right_with", True), ("right_bare", False)):
        some = [
            answer_checker(problem, reply)
            for problem, reply in zip(problems, replies, strict=True)
            if has_steps(problem, reply) == wanted
        ]
        row[column] = fmean(some) if some else ""
    return rounded(row)


def pass_rows(stage: str, seed: int, model: GPT, size: int) -> list[dict[str, Any]]:
    problems = draw_problems(LAST_DIGITS.draw(size), PROBLEMS, 10**8 + size)
    tries = [problem for problem in problems for _ in range(TRIES)]
    replies = ask_for(model, tries, 11)
    rows = []
    for checker in (answer_checker, steps_checker):
        is_right = marks(checker, tries, replies).view(PROBLEMS, TRIES) > 0
        for k in PASSES:
            share = mean_pass_at_k(is_right, k)
            row = {"stage": stage, "seed": seed, "size": size, "checker": checker.__name__}
            rows.append(rounded(row | {"k": k, "passed": share}))
    return rows


def one_seed(seed: int) -> Rows:
    torch.set_num_threads(1)
    rows: Rows = {"runs": [], "stages": [], "passes": [], "samples": []}

    def run(name: str, start: GPT, **options: Any) -> GPT:
        model, made = practice_run(name, start, seed, **options)
        for table, lines in made.items():
            rows[table] += lines
        return model

    reader = read(LAST_DIGITS, seed)
    hurried = copy.deepcopy(reader)
    imitate(hurried, LAST_DIGITS, seed)
    if seed == SEEDS[0]:
        save_step_writer(
            FOLDER / "checkpoints" / "hurried.safetensors", StepWriter(hurried, "steps")
        )
    practised = run("practice", hurried)
    expert = copy.deepcopy(hurried)
    for number, made in enumerate(
        expert_iteration(expert, LAST_DIGITS.draw(SIZE), answer_checker, rounds=ROUNDS, seed=seed)
    ):
        label = {"run": "expert", "seed": seed, "step": (number + 1) * STEPS // ROUNDS}
        row = label | {"reward": made.right, "kl": 0.0} | measured(made.problems, made.replies)
        rows["runs"].append(rounded(row))
    models = {"read": reader, "hurried": hurried, "practised": practised, "expert": expert}
    for stage, model in models.items():
        rows["stages"].append(stage_row(stage, seed, model, LAST_DIGITS))
    for size in (SIZE, SIZE + 1):
        for stage in ("read", "hurried", "practised"):
            rows["passes"] += pass_rows(stage, seed, models[stage], size)

    untaught = read(LAST_DIGITS, seed, steps=TOO_SHORT)
    imitate(untaught, LAST_DIGITS, seed)
    rows["stages"].append(stage_row("untaught", seed, untaught, LAST_DIGITS))
    tried = run("nothing to reinforce", untaught, steps=FEWER)
    rows["stages"].append(stage_row("untaught, practised", seed, tried, LAST_DIGITS))
    tried = run("longer", hurried, size=LONGER, steps=FEWER // 4)
    rows["stages"].append(stage_row("longer", seed, hurried, LAST_DIGITS, LONGER))
    rows["stages"].append(stage_row("longer, practised", seed, tried, LAST_DIGITS, LONGER))
    adder = read(TOTALS, seed)
    rows["stages"].append(stage_row("adder", seed, adder, TOTALS))
    tried = run("totals", adder, task=TOTALS)
    rows["stages"].append(stage_row("adder, practised", seed, tried, TOTALS))
    fast = replace(PRACTICE, lr=1e-3)
    tried = run("sloppy", hurried, checker=sloppy_checker, settings=fast)
    rows["stages"].append(stage_row("sloppy, practised", seed, tried, LAST_DIGITS))
    for name, settings in VARIANTS.items():
        tried = run(name, hurried, settings=settings, steps=FEWER if settings.epochs > 1 else STEPS)
        rows["stages"].append(stage_row(name, seed, tried, LAST_DIGITS))
    return rows


def make_seeds() -> None:
    """Make the seeds that are not stored, two at a time, and write each as soon as it is made."""
    paths = {
        name: FOLDER / f"practice_{name}.csv" for name in ("runs", "stages", "passes", "samples")
    }
    kept: Rows = {
        name: list(rows_of(path)) if path.exists() else [] for name, path in paths.items()
    }
    there = {row["seed"] for row in kept["stages"]}
    with ProcessPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(one_seed, seed) for seed in SEEDS if seed not in there]
        for job in as_completed(jobs):
            for name, rows in job.result().items():
                kept[name] += rows
                if kept[name]:
                    write_rows(paths[name], kept[name])


def show() -> None:
    """The means over the seeds."""
    for stage in dict.fromkeys(row["stage"] for row in stored("practice_stages.csv")):
        rows = [row for row in stored("practice_stages.csv") if row["stage"] == stage]
        shown = (fmean(float(row[name]) for row in rows) for name in ("right", "with_steps"))
        print(f"{stage:22}", *(f"{value:.2f}" for value in shown), f"{len(rows)} seeds")


def main() -> None:
    if asked_to_write(__doc__):
        make_seeds()
    show()


if __name__ == "__main__":
    main()
