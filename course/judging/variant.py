"""An exercise with other numbers: the same task for another class, whose answer is another one.

An exercise that asks for a value may declare which numbers of its task can be different
(`constants`). A variant is made from the exercise's own source: those numbers are replaced in the
task, in the reference answer, in the wrong answers and in their hints. The same number of the
variant always gives the same exercise.
"""

import copy
import io
import linecache
import random
import tokenize
from dataclasses import replace
from functools import cache
from typing import Any

from course.judging.exercise import Exercise, Function, Wrong
from course.judging.exercise_source import renamed


@cache
def varied(exercise: Exercise, variant: int) -> Exercise:
    """The exercise with the constants of this variant; itself for variant 0, or if it has none that
    can change.
    """
    if not variant or not exercise.constants:
        return exercise
    rng = random.Random(f"{exercise.id} {variant}")
    new = {old: rng.choice(others) for old, others in exercise.constants.items()}
    own = copy.copy(exercise)
    own.variant = variant
    file = f"exercise {exercise.id}, variant {variant}"
    own.reference = _rewritten(exercise.reference, new, f"<{file}>")
    own.also_rights = []  # they may have the value itself in them
    own.wrongs = [_varied_wrong(wrong, new, file) for wrong in exercise.wrongs]
    return own


def _varied_wrong(wrong: Wrong, new: dict[float, float], file: str) -> Wrong:
    answer = _rewritten(wrong.answer, new, f"<{file}, {wrong.answer.__name__}>")
    return replace(wrong, hint=_in_text(wrong.hint, new), answer=answer)


def _in_text(text: str, new: dict[float, float]) -> str:
    """Words with the numbers replaced, as they are written in words: 50,000 or 50000."""
    for old, number in new.items():
        for form in ("{:,}", "{}"):
            text = text.replace(form.format(old), form.format(number))
    return text


def _rewritten(function: Function, new: dict[float, float], file: str) -> Function:
    """The function made anew from its source, with other numbers.

    Its source can be read, as that of any function.
    """
    source = _in_source(renamed(function, function.__name__), new)
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    names: dict[str, Any] = {}
    exec(compile(source, file, "exec"), function.__globals__, names)
    rewritten: Function = names[function.__name__]
    return rewritten


def _in_source(source: str, new: dict[float, float]) -> str:
    """Python with other numbers, in its literals and in its texts; everything else stays as it is."""
    lines = source.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for token in reversed(tokens):  # from the end, so that the places before it stay right
        changed = _token(token, new)
        if changed != token.string:
            (first, start), (last, end) = token.start, token.end
            lines[first - 1 : last] = [lines[first - 1][:start] + changed + lines[last - 1][end:]]
            lines = "".join(lines).splitlines(keepends=True)
    return "".join(lines)


def _token(token: tokenize.TokenInfo, new: dict[float, float]) -> str:
    if token.type in (tokenize.STRING, tokenize.COMMENT):
        return _in_text(token.string, new)
    if token.type == tokenize.NUMBER:
        value = complex(token.string.replace("_", "")) if "x" not in token.string.lower() else None
        return next((f"{number:_}" for old, number in new.items() if value == old), token.string)
    return token.string
