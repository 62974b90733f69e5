"""SmolLM2 and the documents' problems: twenty variants each of the apples and of 47 x 23, answered
at once, as it likes, and step by step; and ten drawn replies to each of the apples.

    python benchmarks/word_problem_runs.py            (shows the shares)
    python benchmarks/word_problem_runs.py --write    (makes the replies that are not stored: of all,
                                                        some 6 minutes of processor time)

Writes course/runs/word_problem_runs.csv, a row for each reply. `task`: "apples" (given away and
bought), "apples left" (given away only) or "times". `way`: "at once" (the reply is begun with "The
answer is"), "as it likes" (the question alone), "step by step" (the question with "Let's think step
by step."), behind three examples "a number" or "a call" of a calculator, each with the likeliest
tokens; "a right step" and "a broken step": the reply is begun with the first step, and the next one
up to its result; "drawn" (the question alone at temperature 0.7).
`problem`: its number among the variants, the documents' own is 0. `sample` counts the replies to
one. `answer`: what utils.data.word_problems.final_answer reads, or nothing. `reply`: the text as JSON,
of the replies that were not drawn. The command, versions and machine decide every token.
"""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from course.runs.stored import asked_to_write, make_missing
from course.runs.word_problem_table import FILE, PROBLEMS, replies
from utils import generate, load
from utils.data.word_problems import (
    STEP_BY_STEP,
    WordProblem,
    called,
    few_shot,
    final_answer,
    reply_begun,
    share_right,
)
from utils.text.tokenizer import Tokenizer

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
SAMPLES, TEMPERATURE, SEED = 10, 0.7, 1
MOST_TOKENS = {
    "at once": 8,
    "as it likes": 100,
    "step by step": 140,
    "drawn": 80,
    "a number": 8,
    "a call": 18,
    "a right step": 12,
    "a broken step": 12,
}


class Run(NamedTuple):
    """All replies of one way to the problems of one task."""

    task: str
    way: str


def all_runs() -> list[Run]:
    runs = [
        Run(task, way) for task in PROBLEMS for way in ("at once", "as it likes", "step by step")
    ]
    runs += [Run(task, way) for task in ("apples", "times") for way in ("a number", "a call")]
    runs += [Run("apples", way) for way in ("a right step", "a broken step")]
    return [*runs, Run("apples", "drawn")]


def prompt(tok: Tokenizer, way: str, problem: WordProblem) -> list[int]:
    if way in ("a number", "a call"):
        return tok.encode(few_shot(problem, calls=way == "a call"))
    more = STEP_BY_STEP if way == "step by step" else ""
    question = {"role": "user", "content": problem.question + more}
    return tok.encode_chat([question]) + tok.encode(begun(way, problem))


def begun(way: str, problem: WordProblem) -> str:
    """How the reply begins that the model goes on with."""
    if way == "at once":
        return "The answer is"
    if way in ("a right step", "a broken step"):
        return reply_begun(problem, off=1 if way == "a broken step" else 0)
    return ""


def answer_in(text: str, way: str) -> int | None:
    if way == "a call":
        return called(text)
    if way in ("a right step", "a broken step"):
        return final_answer(text.partition(".")[0])
    return final_answer(text, way in ("at once", "a number"))


def one_run(run: Run) -> list[dict[str, Any]]:
    torch.set_num_threads(1)
    model, tok = load("smollm2")
    drawn = run.way == "drawn"
    samples = SAMPLES if drawn else 1
    texts = generate(
        model,
        tok,
        [prompt(tok, run.way, one) for one in PROBLEMS[run.task] for _ in range(samples)],
        max_new_tokens=MOST_TOKENS[run.way],
        temperature=TEMPERATURE if drawn else 0,
        stop="\n" if run.way in ("a number", "a call") else None,
        seed=SEED,
    )
    rows = []
    for place, text in enumerate(texts):
        problem, sample = divmod(place, samples)
        answer = answer_in(text, run.way)
        shown = "" if answer is None else answer
        row = {**run._asdict(), "problem": problem, "sample": sample, "answer": shown}
        rows.append({**row, "reply": "" if drawn else json.dumps(text)})
    return rows


def show() -> None:
    for run in all_runs():
        found = replies(*run)
        problems = [PROBLEMS[run.task][reply.problem] for reply in found]
        share = share_right([reply.answer for reply in found], problems)
        print(f"{run.task}, {run.way}: {share:.0%} of {len(found)} right")


def main() -> None:
    if asked_to_write(__doc__):
        make_missing(STORED, all_runs(), one_run)
    show()


if __name__ == "__main__":
    main()
