"""The source of an exercise, for the notebooks: the stub that the learner fills, and the reference
answer.
"""

import ast
import inspect
import textwrap

from course.judging.exercise import Exercise, Function

_LEAVE_THEM = "Leave the inputs as they are."
_MUTABLE = ("Tensor", "list", "dict", "set")


def _function(exercise: Exercise) -> tuple[list[str], ast.FunctionDef]:
    """The lines of the reference's source, and its definition.

    Line numbers of the definition count from 1.
    """
    source = textwrap.dedent(inspect.getsource(exercise.reference))
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    return source.rstrip().splitlines(), definition


def renamed(function: Function, name: str) -> str:
    """The source of a declared answer without its decorators, as a function of this name."""
    source = textwrap.dedent(inspect.getsource(function))
    start = source.index(f"def {function.__name__}(")
    return source[start:].replace(function.__name__, name, 1)


def _task(exercise: Exercise) -> str:
    """The task as comment lines, for a value that has no docstring."""
    lines = (inspect.getdoc(exercise.reference) or "").splitlines()
    return "\n".join(f"# {line}".rstrip() for line in lines)


def stub(exercise: Exercise) -> str:
    """What the learner starts from: signature and task, or the task and a name, with three dots to
    replace.
    """
    if not exercise.parameters:
        return f"{_task(exercise)}\n{exercise.name} = ..."
    lines, definition = _function(exercise)
    # without decorators, with the docstring
    head = lines[definition.lineno - 1 : definition.body[0].end_lineno]
    rule = [f"    # {_LEAVE_THEM}"] if _can_be_changed(definition) else []
    return "\n".join([*head, *rule, "    ..."])


def between_marks(exercise: Exercise, begin: str, end: str) -> str:
    """The reference answer in full, with a line before its code and one behind it: what stands
    between them can be taken out again.
    """
    if not exercise.parameters:
        whole = reference(exercise)
        task = _task(exercise)
        return f"{task}\n{begin}\n{whole.removeprefix(task).strip()}\n{end}"
    lines, definition = _function(exercise)
    start = definition.body[0].end_lineno  # behind the docstring
    head, code = lines[definition.lineno - 1 : start], lines[start:]
    return "\n".join([*head, f"    {begin}", *code, f"    {end}"])


def _can_be_changed(definition: ast.FunctionDef) -> bool:
    """Whether an input is of a kind that an answer could write into."""
    kinds = [ast.unparse(arg.annotation) for arg in definition.args.args if arg.annotation]
    return any(kind in words for kind in _MUTABLE for words in kinds)


def reference(exercise: Exercise) -> str:
    """The reference answer in full: the function, or the task and the value with the comments above
    it.
    """
    lines, definition = _function(exercise)
    if exercise.parameters:
        return "\n".join(lines[definition.lineno - 1 :])
    task, value = definition.body
    assert isinstance(value, ast.Return), (
        f"exercise {exercise.id} asks for a value: a docstring and one return"
    )
    body = textwrap.dedent("\n".join(lines[task.end_lineno :]))
    return f"{_task(exercise)}\n\n" + body.strip().replace("return ", f"{exercise.name} = ", 1)
