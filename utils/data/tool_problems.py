"""Word problems of one step and of two, and a prompt that shows a model how a calculator is called.

problem = tool_problems("two steps")[0]
prompt = shown(problem, calls=True)     # the model goes on with CALC(61+65)= ...
"""

import random
import re
from dataclasses import dataclass

KINDS = ("one step", "two steps")
_EXAMPLES = (
    ("A shop sells 3 boxes with 24 eggs each. How many eggs is that?", ("3*24=72",), 72),
    (
        "Tom has 15 coins, finds 27 more and gives away 5. How many coins has he?",
        ("15+27=42", "42-5=37"),
        37,
    ),
    ("Anna has 90 euros and spends 35. How much is left?", ("90-35=55",), 55),
)
_NAMES = ("Lucy", "Peter", "Sara", "Max", "Ida")
_THINGS = ("shells", "stamps", "cards", "pens", "nuts")


@dataclass(frozen=True)
class ToolProblem:
    """A question, its answer, and the first sum on the way there, as a calculator reads it."""

    question: str
    answer: int
    first_sum: str


def tool_problems(kind: str, count: int = 20, seed: int = 0) -> list[ToolProblem]:
    """Problems with numbers of two digits. ValueError for a kind that is none of KINDS."""
    if kind not in KINDS:
        raise ValueError(f"there are no problems of {kind!r:.40}: take {' or '.join(KINDS)}.")
    rng = random.Random(f"{kind} {seed}")
    make = _one_step if kind == "one step" else _two_steps
    return [make(rng, number) for number in range(count)]


def _one_step(rng: random.Random, number: int) -> ToolProblem:
    a, b = rng.randint(12, 99), rng.randint(12, 99)
    if number % 2:
        name, thing = rng.choice(_NAMES), rng.choice(_THINGS)
        question = f"{name} has {a + b} {thing} and sells {b}. How many {thing} are left?"
        return ToolProblem(question, a, f"{a + b}-{b}")
    question = f"A train has {a} cars with {b} seats each. How many seats is that?"
    return ToolProblem(question, a * b, f"{a}*{b}")


def _two_steps(rng: random.Random, number: int) -> ToolProblem:
    a, b, c = rng.randint(12, 99), rng.randint(12, 99), rng.randint(2, 11)
    name, thing = rng.choice(_NAMES), rng.choice(_THINGS)
    if number % 2:
        b = min(b, c * a - 1)  # nobody loses more than there is
        question = (
            f"{name} buys {c} boxes with {a} {thing} each and loses {b}. How many {thing} are left?"
        )
        return ToolProblem(question, c * a - b, f"{c}*{a}")
    question = (
        f"{name} has {a} {thing}, finds {b} more and gives away {c}. How many {thing} are left?"
    )
    return ToolProblem(question, a + b - c, f"{a}+{b}")


def shown(problem: ToolProblem, calls: bool) -> str:
    """Three problems with their solutions, and this one without. `calls`: the solutions call a
    calculator before they answer; else they answer at once.
    """
    examples = []
    for question, sums, answer in _EXAMPLES:
        lines = [f"Question: {question}"]
        if calls:
            lines += [f"CALC({left})={right}" for left, right in (s.split("=") for s in sums)]
        examples.append("\n".join([*lines, f"Answer: {answer}\n\n"]))
    return "".join(examples) + f"Question: {problem.question}\n"


def final_number(text: str) -> int | None:
    """The whole number behind "Answer:"; None if there is none."""
    found = re.search(r"Answer: *(-?\d+)", text)
    return int(found[1]) if found else None
