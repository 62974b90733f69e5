"""Run the answers of one notebook and collect what they give: a plain result for every trial,
whatever the code does.

A statement or an answer that ends its worker, or does not come back, is left out, and a new worker
goes on with the rest. The notebook as a whole has a limit in seconds and in new starts.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from course.answers.read_answer import read
from course.answers.run_answer import Outcome
from course.grading.inside import wire
from course.grading.sandbox.launch import Launch
from course.grading.sandbox.session import Gone, Session
from course.judging.exercise import Exercise

# seconds of the processor: all inputs of a trial; one statement; the whole notebook
CALLS, STATEMENT, NOTEBOOK = 10.0, 20.0, 180.0
WAIT = 600.0  # seconds on the clock for the whole notebook, for who sleeps
GRACE = 5.0  # a worker stops Python code by itself, and only when that fails is it ended
STARTS, NOTES = 8, 12
NO_TIME = "The notebook took too long, or ended its program too often, so this could not be run."


@dataclass(frozen=True)
class Trial:
    """An exercise with the seed of its inputs; `name` tells the trials of one exercise apart.

    `private`: with inputs that no other answer may learn of.
    """

    name: str
    exercise: Exercise
    seed: int
    private: bool = False


class Fault(Enum):
    """Why a trial has no outcomes."""

    UNTOUCHED = auto()  # the stub is still there
    NOT_FOUND = auto()  # no cell defines the answer
    STOPPED = auto()  # its code failed, took too long or could not be called


@dataclass(frozen=True)
class Result:
    """What came of a trial: outcomes to compare, or a fault and words on it for the student."""

    outcomes: tuple[Outcome, ...] = ()
    fault: Fault | None = None
    words: str = ""


_UNTOUCHED = Result(fault=Fault.UNTOUCHED, words="The three dots are still there.")
_LACKING = (
    "Only the notebook is graded: a library that the course does not use, or a file beside the "
    "notebook, is not there."
)
_NO_REPLY = "code sent something that is no reply."


def _stopped(words: str) -> Result:
    return Result(fault=Fault.STOPPED, words=words)


@dataclass
class Examination:
    """One notebook's cells and trials, and how far they came.

    `notes` is for the student and the teacher.
    """

    cells: Sequence[str]
    trials: Sequence[Trial]
    launch: Launch
    seconds: float = NOTEBOOK
    results: dict[str, Result] = field(default_factory=dict)
    # statements that ended a worker, and how
    left_out: dict[int, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)  # what else went wrong, in the last worker
    unreadable: bool = False  # whether a cell is no Python here

    def run(self) -> dict[str, Result]:
        """A result for every trial, by its name."""
        self._end, self._spent = time.monotonic() + WAIT, 0.0
        self._run_all([one for one in self.trials if not one.private])
        # A worker that has seen the inputs of a private check tells nobody anything any more.
        said = list(self.failed)
        self._run_all([one for one in self.trials if one.private])
        self.failed = said
        return self.results

    def _run_all(self, trials: Sequence[Trial]) -> None:
        for _ in range(STARTS):
            waiting = [one for one in trials if one.name not in self.results]
            if not waiting or not self._left():
                break
            with Session(self.launch) as session:
                try:
                    self._go_on(session, waiting)
                except wire.BadFrame:
                    self._rest(trials, f"The notebook's {_NO_REPLY}")
            self._spent += session.used
        self._rest(trials, NO_TIME)

    @property
    def notes(self) -> list[str]:
        """What a reader should know about the notebook as a whole: the first things, and how many
        more there are.
        """
        every = list(dict.fromkeys([*self.left_out.values(), *self.failed]))
        return every[:NOTES] + [f"… and {len(every) - NOTES} more."] * (len(every) > NOTES)

    def _left(self) -> float:
        """Seconds of the processor; none once the clock is over."""
        if time.monotonic() > self._end:
            return 0.0
        return max(0.0, self.seconds - self._spent)

    def _rest(self, trials: Sequence[Trial], words: str) -> None:
        """Give every trial that has no result yet this one."""
        for trial in trials:
            self.results.setdefault(trial.name, _stopped(words))

    def _go_on(self, session: Session, trials: Sequence[Trial]) -> None:
        """As far as this worker gets."""
        names = sorted({one.exercise.name for one in trials})
        try:
            plan, _ = session.ask("plan", STATEMENT, cells=list(self.cells), names=names)
        except Gone as gone:
            return self._rest(trials, f"The notebook's code {gone}, while it was read.")
        if "too_large" in plan:
            return self._rest(trials, "The notebook has too many statements.")
        self.unreadable = bool(plan["unreadable"])
        self.failed = [
            f"Cell {cell + 1} is no Python and was left out: {words}."
            for cell, words in plan["unreadable"]
        ]
        for trial in trials:
            if trial.exercise.name not in plan["found"]:
                self.results[trial.name] = _not_there(trial.exercise, plan)
        found = [one for one in trials if one.name not in self.results]
        self._run_in_order(session, found, plan["statements"], plan["needs"])

    def _run_in_order(
        self,
        session: Session,
        trials: Sequence[Trial],
        statements: list[Any],
        needs: dict[str, list[int]],
    ) -> None:
        """Run what the answers need, and try each answer as soon as all that it needs has run."""
        missing: dict[int, str] = {}
        tried_after = {one.name: max(needs[one.exercise.name]) for one in trials}
        for place, statement in enumerate(statements):
            if place not in self.left_out and not self._run(session, place, statement, missing):
                return
            due = [one for one in trials if tried_after[one.name] == place]
            # what lacks a name is run once more, and its answer tried then
            due = [one for one in due if not missing.keys() & needs[one.exercise.name]]
            if not self._try_all(session, due):
                return
        before = len(missing) + 1
        while missing and len(missing) < before:
            before, again, missing = len(missing), missing, {}
            for place in again:
                if not self._run(session, place, statements[place], missing):
                    return
        self.failed += missing.values()
        self._try_all(session, [one for one in trials if one.name not in self.results])

    def _run(self, session: Session, place: int, statement: Any, missing: dict[int, str]) -> bool:
        """Run one statement; `missing` gets what it says if it lacks a name.

        False if the worker is gone, or the time.
        """
        seconds = min(STATEMENT, self._left())
        if not seconds:
            return False
        cell, names = statement
        where = f"Cell {cell + 1} ({names})"
        try:
            reply, _ = session.ask("run", seconds + GRACE, place=place, limit=seconds)
        except Gone as gone:
            self.left_out[place] = f"{where} {gone}, and was left out."
            return False
        if "missing" in reply:
            missing[place] = f"{where}: {_words(reply['missing'])}"
        elif "error" in reply:
            more = f" {_LACKING}" if "lacking" in reply else ""
            self.failed.append(f"{where}: {_words(reply['error'])}{more}")
        return True

    def _try_all(self, session: Session, trials: Sequence[Trial]) -> bool:
        """Try these, one after the other. False if the worker is gone, or the time."""
        return all(self._left() and self._try(session, one) for one in trials)

    def _try(self, session: Session, trial: Trial) -> bool:
        """Run one trial. False if the worker is gone."""
        encoder = wire.Encoder()
        cases = trial.exercise.cases(trial.seed)
        message = {
            "name": trial.exercise.name,
            "function": bool(trial.exercise.parameters),
            "cases": _encoded(encoder, cases),
        }
        seconds = min(CALLS, self._left())
        try:
            reply, blob = session.ask(
                "try",
                seconds + GRACE,
                bytes(encoder.blob),
                encoder.functions,
                limit=seconds,
                **message,
            )
        except Gone as gone:
            self.results[trial.name] = _stopped(f"Your code {gone}.")
            return False
        try:
            self.results[trial.name] = _result(trial.exercise, reply, blob, len(cases))
        # whatever was sent, it is not what a worker of ours sends
        except (LookupError, TypeError, ValueError):
            self.results[trial.name] = _stopped(f"Your {_NO_REPLY}")
            return False
        return True


def _encoded(encoder: wire.Encoder, cases: Sequence[tuple[Any, ...]]) -> Any:
    """The arguments of every call.

    A function among them stays here: the worker gets a number to call it by.
    """
    rows = [
        {"tuple": [encoder.function(x) if callable(x) else encoder.encode(x) for x in args]}
        for args in cases
    ]
    return {"list": rows}


def _not_there(exercise: Exercise, plan: dict[str, Any]) -> Result:
    if exercise.name in plan["stubs"]:
        return _UNTOUCHED
    words = f"No cell that can be read as Python defines {exercise.name}."
    return Result(fault=Fault.NOT_FOUND, words=words)


def _result(exercise: Exercise, reply: dict[str, Any], blob: bytes, count: int) -> Result:
    """A reply as a result.

    LookupError, TypeError or ValueError for one that no worker of ours sends.
    """
    if "refused" in reply:
        return _refused(exercise, wire.Refusal(reply["refused"]))
    for kept_back in ("stopped", "too_large"):
        if kept_back in reply:
            return _stopped(_words(reply[kept_back]))
    decoder = wire.Decoder(blob)
    rows = reply["outcomes"]
    if type(rows) is not list or len(rows) != count:
        raise wire.BadFrame("not as many outcomes as calls")
    places = range(len(exercise.parameters))
    outcomes = [
        Outcome(read(decoder.decode(value)), tuple(p for p in places if p in changed))
        for value, changed in rows
    ]
    return Result(outcomes=tuple(outcomes))


def _refused(exercise: Exercise, why: wire.Refusal) -> Result:
    """What a refusal to call the answer means for the student."""
    match why:
        case wire.Refusal.UNTOUCHED:
            return _UNTOUCHED
        case wire.Refusal.NOT_DEFINED:
            failed = "the code that should define it failed, see below"
            return _stopped(f"{exercise.name} is not defined: {failed}.")
        case wire.Refusal.NOT_A_FUNCTION:
            return _stopped(f"{exercise.name} has to be a function.")


def _words(said: Any) -> str:
    """What a worker says about an exception: one line, and short."""
    if type(said) is not str:
        raise wire.BadFrame("no words")
    return " ".join(said[:600].split())
