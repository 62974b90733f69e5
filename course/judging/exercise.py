"""An exercise: declared once, as its reference answer, other right answers, typical wrong answers
and its inputs.

    @exercise("01.1", minutes=8, hints=("A first nudge.", "A stronger one.", "Nearly the recipe."))
    def softmax(z: torch.Tensor) -> torch.Tensor:
        \"""Turn scores into probabilities.       # what the learner reads: the task, with shapes

        z: scores, shape (vocab,).\"""
        return ...                                # the reference answer

    @softmax.also_right
    def with_a_loop(z): ...

    @softmax.wrong("Do the probabilities add up to 1?")   # the hint for whoever makes this mistake
    def not_normalised(z): ...

    @softmax.wrong("Whose tensor is z?", changes_input=True)   # a mistake that writes into an input
    def in_place(z, temperature): ...

    @softmax.inputs
    def inputs(rng): yield (torch.randn(5, generator=rng),)   # the simplest first; nothing constant

A function without parameters asks for its value: "read a loss". Its wrong answers are functions
too, and it needs no inputs. With constants={50_000: (32_000, 64_000)} a class can have such an
exercise with other numbers. With graded=False it is for practice: the lesson has its answer, as
running code, so an assignment on the chapter gives no points for it.

Each has a file of its own, course/exercises/chNN/name_of_the_answer.py; course/exercises/__init__.py finds it.

Comparing: a floating-point result x is right if |x - r| <= rtol * |r| + atol * max |r|, where r is
the reference's result and the maximum is taken over one result: both tolerances are relative to the
size of what is expected.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from course.answers.session import fresh_session

Function = Callable[..., Any]
Inputs = Callable[[torch.Generator], Iterable[tuple[Any, ...]]]
# a number of the task, and those that may stand in its place
Constants = dict[float, tuple[float, ...]]
SEED = 20


@dataclass(frozen=True)
class Wrong:
    """A typical wrong answer, and the hint for an answer that behaves like it.

    `changes_input`: whether the mistake is, or brings with it, that an input is written into.
    """

    hint: str
    answer: Function
    changes_input: bool = False


class Exercise:
    """One exercise. `reference` is the decorated function, `wrongs` are the known mistakes.

    `constants` are the numbers of its task that a class of its own may have different
    (course/judging/variant.py). `graded`: whether an assignment on its chapter gives points for it;
    one whose answer stands in the lesson is for practice.
    """

    variant = 0  # which constants these are; 0: those that are written down here

    def __init__(
        self,
        id: str,
        reference: Function,
        minutes: int,
        hints: tuple[str, ...],
        rtol: float,
        atol: float,
        constants: Constants | None = None,
        graded: bool = True,
    ):
        if not re.fullmatch(r"\d\d\.\d+", id):
            raise ValueError(
                f"an exercise's id is like 01.2: chapter, point, number; {id!r} was given"
            )
        if len(hints) < 2 or minutes < 1 or not inspect.getdoc(reference):
            raise ValueError(
                f"exercise {id} needs minutes, two hints or more, and its task as docstring"
            )
        self.id, self.reference, self.minutes, self.hints = id, reference, minutes, hints
        self.rtol, self.atol, self.constants = rtol, atol, constants or {}
        self.graded = graded
        self.also_rights: list[Function] = []
        self.wrongs: list[Wrong] = []
        self._inputs: Inputs | None = None

    @property
    def chapter(self) -> str:
        """The number of the chapter that it belongs to: "01"."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The name that the learner's answer has in the notebook."""
        return self.reference.__name__

    @property
    def title(self) -> str:
        """The first line of the task."""
        return (inspect.getdoc(self.reference) or "").partition("\n")[0].rstrip(".")

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the function's parameters; none if a value is asked for."""
        return tuple(inspect.signature(self.reference).parameters)

    @property
    def call(self) -> str:
        """How the learner checks an answer."""
        which = f", variant={self.variant}" if self.variant else ""
        return f'check("{self.id}", {self.name}{which})'

    def also_right(self, function: Function) -> Function:
        """Decorator: another right answer, in a different style.

        The tests prove that it is accepted.
        """
        self.also_rights.append(function)
        return function

    def wrong(self, hint: str, *, changes_input: bool = False) -> Callable[[Function], Function]:
        """Decorator: a typical wrong answer (see Wrong)."""

        def add(function: Function) -> Function:
            self.wrongs.append(Wrong(hint, function, changes_input))
            return function

        return add

    def inputs(self, function: Inputs) -> Inputs:
        """Decorator: yields the arguments of each call, as tuples, drawn from the torch.Generator
        that it gets.
        """
        self._inputs = function
        return function

    def cases(self, seed: int = SEED) -> list[tuple[Any, ...]]:
        """The arguments of every call. They are the same for the same seed."""
        if not self.parameters:
            return [()]
        with fresh_session():
            return list(self._drawn(torch.Generator().manual_seed(seed)))

    def _drawn(self, rng: torch.Generator) -> Iterator[tuple[Any, ...]]:
        if self._inputs is None:
            raise ValueError(
                f"exercise {self.id} has no inputs; declare them with @{self.name}.inputs"
            )
        for args in self._inputs(rng):
            if len(args) != len(self.parameters):
                raise ValueError(
                    f"exercise {self.id} takes {self.parameters}, and its inputs gave {len(args)} "
                    "values"
                )
            yield args


declared: dict[str, Exercise] = {}


def exercise(
    id: str,
    *,
    minutes: int,
    hints: tuple[str, ...],
    rtol: float = 1e-3,
    atol: float = 1e-6,
    constants: Constants | None = None,
    graded: bool = True,
) -> Callable[[Function], Exercise]:
    """Decorator that declares an exercise by its reference answer (see the top of this file)."""

    def declare(reference: Function) -> Exercise:
        if id in declared:
            raise ValueError(f"exercise {id} is declared twice")
        declared[id] = Exercise(id, reference, minutes, hints, rtol, atol, constants, graded)
        return declared[id]

    return declare
