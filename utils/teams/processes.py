"""Several processes that a notebook starts, gives work to, and ends.

    def add_up(me):
        number = torch.tensor(float(me.rank), device=me.device)
        dist.all_reduce(number)
        return number.item()

    team = ProcessTeam(2)
    team.run(add_up)  # in both processes at once
    team.close()

What travels is the text of the function, as a cell shows it (utils.teams.parcel): nothing is pickled
and no process is forked, so it works on Windows and Colab, too. A team stays until it is closed, so several cells pay
for one start. Its processes meet in a private folder and talk over this machine's own interface:
there is no port that could be taken, and nothing listens to other machines. For several machines
there is torchrun; see utils.training.distributed.
"""

import json
import os
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from utils.teams.failures import TeamError, Trouble, first_cause, hung, sentence
from utils.teams.parcel import Work, parcel

_POLL_SECONDS = 0.02
_GRACE_SECONDS = 0.3  # in which those that fail because of the first are still waited for
_WHERE_SECONDS = 5.0  # in which members that hang say where
_BUSY = 0.01  # of one processor; a member that uses less is waiting


@dataclass(frozen=True)
class Outcome:
    """What one process gives back."""

    value: Any  # what the function returned, as JSON has it: tuples are lists, tensors are lists
    sent: dict[str, dict[str, int]]  # operation -> "calls" and "bytes"; see utils.teams.traffic
    cpu_seconds: float  # processor time of this work in this process


class ProcessTeam:
    """`size` processes on this machine, with a rank from 0 to size - 1 each.

    They start with the first `run`. On a machine with `size` GPUs each has its own and they talk
    over NCCL, else over gloo. `patience`: for how many seconds all may wait for each other without
    any processor time before they count as hung; a slow machine is no reason.
    """

    def __init__(self, size: int = 2, patience: float | int = 60.0):
        if size < 1:
            raise ValueError(f"a team of {size} was asked for; give a whole number from 1 up.")
        self.size, self.patience = size, patience
        self._live: _Live | None = None

    def run(self, work: Work, *arguments: Any) -> list[Outcome]:
        """Call `work(me, *arguments)` in every process, and give what each returned.

        `me` is a utils.teams.membership.Member. `arguments` are numbers, texts, lists and dicts.
        What `work` prints comes with its rank in front. Raises TeamError, in a sentence, if a
        process raises, is killed, or all of them hang: the others are ended, and the next `run`
        starts anew.
        """
        text = parcel(work, arguments)
        live = self._live = self._live or _Live(self.size)
        try:
            outcomes = live.run(text, work.__name__, self.patience)
        except BaseException:  # a KeyboardInterrupt, too: nobody is left behind
            self.close()
            raise
        return outcomes

    def pids(self) -> list[int]:
        """The numbers that the system gave the processes; empty before the first `run`."""
        return [] if self._live is None else [process.pid for process in self._live.processes]

    def close(self) -> None:
        """End the processes. Closing twice does nothing."""
        if self._live is not None:
            self._live.end()
            self._live = None

    def __enter__(self) -> "ProcessTeam":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


@dataclass
class _Live:
    """Processes that are running, and the folder through which they answer."""

    size: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    jobs: int = 0

    def __post_init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="team-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        self._shown = [0] * self.size  # of each rank's output, in bytes
        for rank in range(self.size):
            self.processes.append(self._start(rank))
        self._finalizer = weakref.finalize(self, _end, self.processes, self._folder)

    def _start(self, rank: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "utils.teams.member", str(self.folder)]
        with (
            open(self.folder / f"out-{rank}", "wb") as out,
            open(self.folder / f"err-{rank}", "wb") as err,
        ):
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                bufsize=0,  # what is written is on its way: nothing is left over for a dead process
                stdout=out,
                stderr=err,
                env=_environment(rank, self.size),
            )

    def run(self, job: str, name: str, patience: float | int) -> list[Outcome]:
        """Hand a job to all, and wait for all answers. Raises TeamError."""
        self.jobs += 1
        for process in self.processes:
            _send(process, job.encode("utf-8") + b"\n")
        clock = _IdleClock(self.processes)
        while len(answers := self._answers()) < self.size or _failed(answers):
            if _failed(answers) or any(process.poll() is not None for process in self.processes):
                time.sleep(_GRACE_SECONDS)
                self._show_output()
                raise TeamError(sentence(first_cause(self._troubles()), self.size, name))
            time.sleep(_POLL_SECONDS)
            if clock.idle_seconds() > patience:
                self._show_output()
                raise TeamError(hung(self._where(), sorted(answers), self.size, name, patience))
        self._show_output()
        return [Outcome(**answers[rank]["outcome"]) for rank in range(self.size)]

    def _answers(self) -> dict[int, dict[str, Any]]:
        """What has been answered to the present job, by rank."""
        paths = {rank: self.folder / f"answer-{self.jobs}-{rank}" for rank in range(self.size)}
        return {
            rank: json.loads(path.read_text(encoding="utf-8"))
            for rank, path in paths.items()
            if path.exists()
        }

    def _troubles(self) -> Iterator[Trouble]:
        """Of each process that has failed, how."""
        answers = self._answers()
        for rank, process in enumerate(self.processes):
            error = answers.get(rank, {}).get("error")
            code = process.poll()
            if error is not None or code is not None:
                yield Trouble(rank, code, error, self._text(f"err-{rank}"))

    def _where(self) -> dict[int, str]:
        """Where each process that can still speak is just now: its line."""
        (self.folder / "where").touch()
        until = time.monotonic() + _WHERE_SECONDS
        paths = [self.folder / f"where-{rank}" for rank in range(self.size)]
        while time.monotonic() < until and not all(path.exists() for path in paths):
            time.sleep(_POLL_SECONDS)
        return {rank: self._text(path.name) for rank, path in enumerate(paths) if path.exists()}

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8", errors="replace")

    def _show_output(self) -> None:
        """Print what the processes have printed since the last time, with ranks."""
        for rank in range(self.size):
            written = (self.folder / f"out-{rank}").read_bytes()[self._shown[rank] :]
            self._shown[rank] += len(written)
            for line in written.decode("utf-8", errors="replace").splitlines():
                print(f"rank {rank}: {line}")

    def end(self) -> None:
        """End all processes and take the folder away."""
        self._finalizer()


def _send(process: subprocess.Popen[bytes], job: bytes) -> None:
    """Write it into the pipe. That fails if the process has ended; `run` sees at once that it has, and
    says why.
    """
    assert process.stdin is not None
    with suppress(OSError):
        while job:
            job = job[process.stdin.write(job) :]


def _failed(answers: dict[int, dict[str, Any]]) -> bool:
    return any("error" in answer for answer in answers.values())


def _end(processes: list[subprocess.Popen[bytes]], folder: "TemporaryDirectory[str]") -> None:
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
    folder.cleanup()


class _IdleClock:
    """For how long no process has done anything.

    Counted in polls that really happened, so that a laptop that sleeps is not taken for a team that
    hangs; and by processor time, so that a busy machine is not.
    """

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]):
        self._processes = [psutil.Process(p.pid) for p in processes if p.poll() is None]
        self._idle, self._busy_until = 0.0, self._cpu_seconds()
        self._polled = time.monotonic()

    def idle_seconds(self) -> float:
        """Since when all only wait."""
        now = time.monotonic()
        self._idle += min(now - self._polled, 10 * _POLL_SECONDS)
        self._polled = now
        used = self._cpu_seconds()
        if used - self._busy_until > _BUSY * max(self._idle, 1.0) * len(self._processes):
            self._idle, self._busy_until = 0.0, used
        return self._idle

    def _cpu_seconds(self) -> float:
        total = 0.0
        for process in self._processes:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue  # `run` sees that it has ended, and says why
            total += times.user + times.system
        return total


def _environment(rank: int, size: int) -> dict[str, str]:
    """What torchrun would tell a process, and how it finds this package."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    threads = max(1, (os.cpu_count() or 1) // size)
    variables = {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(size),
        "LOCAL_WORLD_SIZE": str(size),
        "PYTHONPATH": path,
        "PYTHONIOENCODING": "utf-8",
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(threads)),
    }
    own = _own_interface()
    if own and "GLOO_SOCKET_IFNAME" not in os.environ:
        variables["GLOO_SOCKET_IFNAME"] = own
    return dict(os.environ) | variables


def _own_interface() -> str | None:
    """The name of the interface that only this machine hears; Windows finds it by itself."""
    if os.name == "nt":
        return None
    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address == "127.0.0.1" for address in addresses):
            return name
    return None
