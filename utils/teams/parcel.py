"""A function of a notebook on its way to other processes: as text, with what it needs.

(A function of this package needs no text: the other process imports it.)

With it go the functions that it mentions and that are defined beside it in the notebook, the imports that
it relies on, and plain values: numbers, texts, and lists and dicts of them. Nothing is pickled.
"""

import inspect
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

Work = Callable[..., Any]


def parcel(work: Work, arguments: tuple[Any, ...]) -> str:
    """One line of JSON. Raises ValueError for a function without a text of its own, and TypeError
    for arguments that JSON does not know.
    """
    sources: dict[str, str] = {}
    imports: dict[str, str] = {}
    values: dict[str, Any] = {}
    waiting = [work]
    if _is_of_this_package(work):
        imports[work.__name__] = f"from {work.__module__} import {work.__name__}"
        waiting = []
    while waiting:
        function = waiting.pop()
        sources[function.__name__] = source_of(function)
        for name, thing in _mentioned(function):
            beside = getattr(thing, "__module__", None) == function.__module__
            if isinstance(thing, FunctionType) and beside and thing.__name__ == name:
                if name not in sources:
                    waiting.append(thing)
            elif line := _import_of(name, thing):
                imports[name] = line
            elif _is_plain(thing):
                values[name] = thing
    return json.dumps(
        {
            "name": work.__name__,
            "imports": list(imports.values()),
            "values": values,
            "sources": sources,
            "arguments": arguments,
        }
    )


def _is_of_this_package(work: Work) -> bool:
    root, _, _ = __name__.partition(".")
    return getattr(work, "__module__", "").partition(".")[0] == root


def source_of(function: Work) -> str:
    """The text of a function, as it stands in its cell or file.

    Raises ValueError for what has no text or no name of its own, as a lambda.
    """
    name = getattr(function, "__name__", repr(function))
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError) as error:
        raise ValueError(
            f"{name} has no text that could be sent to other processes ({error}): "
            "define it with def in a cell or a file."
        ) from None
    if not source.startswith(f"def {name}("):
        raise ValueError(
            f"{name} cannot be sent to other processes: give a function that is defined with def, "
            "without decorators."
        )
    return source


def _mentioned(function: Work) -> Iterator[tuple[str, Any]]:
    """The global names in a function's code, also in functions inside it, with what they stand for.

    Some are only attributes of that name; what is sent for nothing does no harm.
    """
    known: Mapping[str, Any] = getattr(function, "__globals__", {})
    codes: list[CodeType] = [function.__code__]
    for code in codes:
        codes += [one for one in code.co_consts if isinstance(one, CodeType)]
    names = {name for code in codes for name in code.co_names}
    return ((name, known[name]) for name in sorted(names & known.keys()))


def _import_of(name: str, thing: Any) -> str | None:
    """The line that imports it, if it comes from a module."""
    if isinstance(thing, ModuleType):
        return f"import {thing.__name__} as {name}"
    home, own = getattr(thing, "__module__", None), getattr(thing, "__qualname__", "")
    if home in (None, "__main__", "builtins") or not own.isidentifier():
        return None
    return f"from {home} import {own} as {name}"


def _is_plain(thing: Any) -> bool:
    try:
        json.dumps(thing)
    except (TypeError, ValueError):
        return False
    return True
