"""SmolLM2 with a calculator on word problems: the runs behind the chapter on using models.

    python benchmarks/tool_loop_runs.py            (shows the shares)
    python benchmarks/tool_loop_runs.py --write    (asks everything: 4 minutes of processor time)

Writes course/runs/tool_loop_runs.csv, a row for each problem and way: `way` is "at once" (no tool),
"calculator", "out of order" (a calculator that gives an error to every call) or "off by one" (one
whose results are 1 too large). `text` is all that stands after the question, what the tool inserted
included; `calls` how many calls were run, `ended` why nothing more was written, `first` whether the
first call is the right sum, `right` whether the number behind "Answer:" is. Temperature 0; nothing is
random.
"""

import os
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from course.runs.stored import asked_to_write, stored, write_rows
from utils import load
from utils.data.tool_problems import KINDS, ToolProblem, final_number, shown, tool_problems
from utils.generation.reader import Reader
from utils.text.tokenizer import ByteLevelTokenizer
from utils.tools.calculator import calculate, evaluate
from utils.tools.calculator import shown as as_digits
from utils.tools.tool_loop import Tool, write_with_tools

FILE = "tool_loop_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
LIMIT, TOKENS = 4, 80

Row = dict[str, Any]


def out_of_order(_expression: str) -> str:
    raise ValueError("the calculator is out of order.")


def off_by_one(expression: str) -> str:
    return as_digits(evaluate(expression) + 1)


WAYS: dict[str, Tool | None] = {
    "at once": None,
    "calculator": calculate,
    "out of order": out_of_order,
    "off by one": off_by_one,
}


def one_row(
    reader: Reader, tok: ByteLevelTokenizer, kind: str, way: str, problem: ToolProblem
) -> Row:
    tool = WAYS[way]
    tools = {} if tool is None else {"CALC": tool}
    prompt = shown(problem, calls=tool is not None)
    found = write_with_tools(
        reader, tok, prompt, tools, limit=LIMIT, after="\n", max_new_tokens=TOKENS, stop="\n\n"
    )
    first = found.used[0].argument if found.used else ""
    return {
        "kind": kind,
        "way": way,
        "question": problem.question,
        "answer": problem.answer,
        "text": found.text.replace("\n", " | "),
        "calls": len(found.used),
        "ended": found.ended,
        "first": int(first.replace(" ", "") == problem.first_sum),
        "right": int(final_number(found.text) == problem.answer),
    }


def write() -> None:
    model, tok = load("smollm2")
    reader = Reader(model)
    rows = [
        one_row(reader, tok, kind, way, problem)
        for way in WAYS
        for kind in KINDS
        for problem in tool_problems(kind)
    ]
    write_rows(STORED, rows)


def show() -> None:
    groups = defaultdict(list)
    for row in stored(FILE):
        groups[row["kind"], row["way"]].append((row["first"], row["right"], row["ended"]))
    for key, found in groups.items():
        first, right = (fmean(one[n] for one in found) for n in (0, 1))
        ends = [one[2] for one in found]
        print(*key, f"first call right {first:.2f}, answer right {right:.2f}", end=" ")
        print({end: ends.count(end) for end in sorted(set(ends))})


if __name__ == "__main__":
    if asked_to_write(__doc__):
        write()
    show()
