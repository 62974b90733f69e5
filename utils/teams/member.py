"""One process of a team: `python -m utils.teams.member FOLDER`, started by utils.teams.processes.

It reads its jobs from standard input, a line of JSON each, and writes its answers into the folder.
It ends when there are no more jobs, and when whoever started it has ended: nobody stays behind.
"""

import __future__

import json
import linecache
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import psutil
import torch
import torch.distributed as dist
from torch import Tensor

from utils.teams.membership import Member
from utils.teams.traffic import Traffic

_LOOK_SECONDS = 0.5
_UNREAD_HINTS = __future__.annotations.compiler_flag
_LONGEST_WAIT = timedelta(days=7)  # the starter decides when a team hangs


def main(folder: Path) -> None:
    """Join the team, then work until the jobs end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this one hears it, and decides
    threading.Thread(target=_watch, args=(folder,), daemon=True).start()
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    gpus = torch.cuda.device_count() >= size
    if gpus:
        torch.cuda.set_device(rank)
    me = Member(rank, size, torch.device("cuda", rank) if gpus else torch.device("cpu"))
    store = dist.FileStore(str(folder / "meeting"), size)
    dist.init_process_group(
        "nccl" if gpus else "gloo", store=store, rank=rank, world_size=size, timeout=_LONGEST_WAIT
    )
    for number, line in enumerate(sys.stdin.buffer, 1):
        answer = _answer(json.loads(line), me)
        _write(folder / f"answer-{number}-{rank}", json.dumps(answer, default=_as_json))
        if "error" in answer:
            # The others may be in the midst of an operation with this one: stay until they are ended.
            threading.Event().wait()
    # A team that is closed is killed, so whoever comes here has lost its starter.
    _leave(folder)


def _answer(job: dict[str, Any], me: Member) -> dict[str, Any]:
    """Run one job: what came of it, or what it raised."""
    known: dict[str, Any] = dict(job["values"])
    places = [f"<{name}>" for name in job["sources"]]
    began = time.process_time()
    try:
        exec("\n".join(job["imports"]), known)
        for place, source in zip(places, job["sources"].values(), strict=True):
            linecache.cache[place] = (len(source), None, source.splitlines(True), place)
            # hints like `me: Member` are for the reader: their names have not travelled
            exec(compile(source, place, "exec", _UNREAD_HINTS), known)
        with Traffic() as traffic:
            value = known[job["name"]](me, *job["arguments"])
        used = time.process_time() - began
        outcome = {"value": value, "sent": traffic.as_dict(), "cpu_seconds": used}
        json.dumps(outcome, default=_as_json)  # what cannot be told is this job's fault
    except BaseException as error:
        return {"error": _told(error, places)}
    return {"outcome": outcome}


def _told(error: BaseException, places: list[str]) -> dict[str, str | float]:
    """What was raised, and where in the text that was sent."""
    steps = traceback.extract_tb(error.__traceback__)
    own = [step for step in steps if step.filename in places]
    what = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, NameError):
        what += (
            "; a process gets the functions, imports, numbers and texts of the notebook, and "
            "nothing else: make it inside the function"
        )
    traceback.print_exception(error)
    step = (own or steps)[-1]
    return {"what": what, "where": _line(step.name, step.lineno, step.line), "at": time.time()}


def _line(function: str, number: int | None, text: str | None) -> str:
    return f"line {number} of {function}: {text}"


def _as_json(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.tolist()
    raise TypeError(
        f"the function returned a {type(value).__name__}: return numbers, texts, lists, dicts or "
        "tensors"
    )


def _write(path: Path, text: str) -> None:
    """In one go: who sees the file sees all of it."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def _watch(folder: Path) -> None:
    """End this process when its starter has ended; say where it is, when asked."""
    starter, pid, rank = psutil.Process(os.getppid()), os.getppid(), os.environ["RANK"]
    told = False
    while os.getppid() == pid and starter.is_running():
        if not told and (folder / "where").exists():
            _write(folder / f"where-{rank}", _place_of_main_thread())
            told = True
        time.sleep(_LOOK_SECONDS)
    _leave(folder)


def _leave(folder: Path) -> NoReturn:
    """End at once, whatever this process is waiting for, and leave no folder behind."""
    shutil.rmtree(folder, ignore_errors=True)  # what the others still hold they take away
    os._exit(1)


def _place_of_main_thread() -> str:
    """The line at which the work is: in the text that was sent, if it is there."""
    main = threading.main_thread().ident
    assert main is not None
    frame: FrameType | None = sys._current_frames()[main]
    steps = traceback.extract_stack(frame)
    own = [step for step in steps if step.filename.startswith("<") and step.lineno]
    sent = [step for step in own if step.filename in linecache.cache and step.line]
    step = (sent or steps)[-1]
    return _line(step.name, step.lineno, step.line)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
