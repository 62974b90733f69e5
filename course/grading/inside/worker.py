"""The process that runs a student's code: `python -m course.grading.inside.worker`, inside the
sandbox.

It is told which answers to look for, runs the statements that they need one by one, calls the
answers with the inputs that it gets, and sends back what they give. It knows nothing of what is
right. Standard input and output are the line to the grader; before any of the student's code runs
they are moved away, so that what is printed goes nowhere.
"""

import linecache
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import IO, Any

from course.answers.read_answer import read
from course.answers.run_answer import Outcome, Stopped, run
from course.answers.untouched import untouched
from course.grading.inside import limits, wire
from course.grading.inside.cells import MOST_UNREADABLE, Statement
from course.grading.inside.execution import execute, file_of
from course.grading.inside.plan import plan


class Line:
    """The line to the grader.

    A thread of its own reads and writes, so that no time limit tears a frame in two.
    """

    def __init__(self, source: IO[bytes], sink: IO[bytes]):
        self._source, self._sink = source, sink
        self._thread = ThreadPoolExecutor(1)

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """The next request."""
        return self._thread.submit(wire.receive, self._source).result()

    def send(self, message: dict[str, Any], blob: bytes = b"") -> None:
        """Send a reply."""
        self._thread.submit(wire.write, self._sink, message, blob).result()

    def ask(self, message: dict[str, Any], blob: bytes) -> tuple[dict[str, Any], bytes]:
        """Send a question while the grader waits for a reply, and wait for what it says."""

        def both() -> tuple[dict[str, Any], bytes]:
            wire.write(self._sink, message, blob)
            return wire.receive(self._source)

        return self._thread.submit(both).result()


class Worker:
    """One notebook's names, and the requests that the grader can make: plan, run, try."""

    def __init__(self, line: Line):
        self._line = line
        self._statements: list[Statement] = []
        self._names = vars(sys.modules["__main__"])

    def plan(self, message: dict[str, Any], blob: bytes) -> dict[str, Any]:
        """Find what the answers need."""
        cells = message["cells"]
        made = plan(cells, message["names"])
        self._statements = made.statements
        for number, source in enumerate(cells):
            lines = source.splitlines(keepends=True)
            linecache.cache[file_of(number)] = len(source), None, lines, file_of(number)
        return {
            "statements": [
                [one.cell, ", ".join(sorted(one.binds))[:60]] for one in made.statements
            ],
            "unreadable": [[cell, words] for cell, words in made.unreadable.items()][
                :MOST_UNREADABLE
            ],
            "found": sorted(made.found),
            "stubs": sorted(made.stubs),
            "needs": made.needs,
        }

    def run(self, message: dict[str, Any], blob: bytes) -> dict[str, Any]:
        """Run one statement. A name that is missing may come with a later one."""
        statement = self._statements[message["place"]]
        try:
            run(lambda: execute(statement, self._names), [()], message["limit"])
        except Stopped as stopped:
            missing = issubclass(stopped.kind, NameError)
            lacking = {"lacking": True} if issubclass(stopped.kind, ImportError) else {}
            return {"missing" if missing else "error": str(stopped)[:2000], **lacking}
        return {}

    def attempt(self, message: dict[str, Any], blob: bytes) -> dict[str, Any]:
        """Call an answer with every input, or read its value."""
        if message["name"] not in self._names:
            return {"refused": wire.Refusal.NOT_DEFINED}
        answer = self._names[message["name"]]
        if untouched(answer):
            return {"refused": wire.Refusal.UNTOUCHED}
        if not message["function"]:
            return self._outcomes([Outcome(read(answer), ())])
        if not callable(answer):
            return {"refused": wire.Refusal.NOT_A_FUNCTION}
        cases = wire.Decoder(blob, self._remote).decode(message["cases"])
        try:
            return self._outcomes(run(answer, cases, message["limit"]))
        except Stopped as stopped:
            return {"stopped": str(stopped)[:2000]}

    def _outcomes(self, outcomes: list[Outcome]) -> dict[str, Any]:
        encoder = wire.Encoder()
        rows = [[encoder.encode(one.value), list(one.changed)] for one in outcomes]
        return {"outcomes": rows, "blob": encoder.blob}

    def _remote(self, number: int, words: str) -> Any:
        """A function of the grader's: it runs over there."""

        def function(*args: Any) -> Any:
            encoder = wire.Encoder()
            reply, blob = self._line.ask(
                {"call": number, "args": encoder.encode(args)}, bytes(encoder.blob)
            )
            if "error" in reply:
                raise ValueError(reply["error"])
            return wire.Decoder(blob).decode(reply["value"])

        function.__doc__ = words
        return function


class _NoNotebook:
    """What get_ipython() gives here: %%writefile writes, and every other magic does nothing."""

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        """Write the file, or nothing."""
        if name in ("writefile", "file"):
            mode = "a" if "-a" in line.split() else "w"
            with open(line.split()[-1].strip("\"'"), mode, encoding="utf-8") as file:
                file.write(body)

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **options: None


def _fresh_main() -> None:
    """An empty module for the student's names, as in a notebook.

    Whoever imports what runs here gets another copy, and patches that.
    """
    for name in [
        one for one in sys.modules if one.startswith(("course.answers", "course.grading"))
    ]:
        del sys.modules[name]
    for name in ("answers", "grading"):
        delattr(sys.modules["course"], name)
    main = ModuleType("__main__")
    vars(main).update(get_ipython=_NoNotebook, display=lambda *args, **options: None)
    sys.modules["__main__"] = main


def _line_taken_away() -> Line:
    """The line on descriptors of its own; 0, 1 and 2 lead nowhere from now on."""
    line = Line(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return line


def main() -> None:
    """Serve until the grader closes the line."""
    limits.apply(
        **{name: int(number) for name, number in (pair.split("=") for pair in sys.argv[1:])}
    )
    line = _line_taken_away()
    _fresh_main()
    worker = Worker(line)
    requests = {"plan": worker.plan, "run": worker.run, "try": worker.attempt}
    line.send({"ready": True})
    while True:
        try:
            message, blob = line.receive()
        except EOFError:
            return
        reply = requests[message["op"]](message, blob)
        try:
            line.send(
                {"n": message["n"], **{k: v for k, v in reply.items() if k != "blob"}},
                bytes(reply.get("blob", b"")),
            )
        except ValueError as error:
            line.send({"n": message["n"], "too_large": f"It cannot be sent: {error}."})


if __name__ == "__main__":
    main()
