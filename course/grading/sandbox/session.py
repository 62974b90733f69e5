"""One running worker, as the grader sees it: ask, with a limit, and nothing that it says is
believed.

A limit is in seconds of the processor, which a busy machine does not change; PATIENCE times as long
on the clock is for who sleeps. Reading and writing have a thread each, because a worker may stop to
read or to write whenever it likes. While an answer is awaited, the processes of the sandbox and
their memory are counted, and too many or too much ends it.
"""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO, Any

import psutil

from course.answers.read_answer import Odd
from course.grading.inside import wire
from course.grading.sandbox.launch import Launch

GIB = 2**30
MEMORY, PROCESSES = 2 * GIB, 32  # of all processes of one sandbox
# how often an answer may call a function of the grader's, and with how many bytes
CALLS, LARGEST_CALL = 20_000, 2**20
PATIENCE = 6  # as in course/answers/time_limit.py
_LOOK = 0.1  # seconds between two looks at what the sandbox uses
_START = 120.0  # seconds, on the busiest machine


_running: set["Session"] = set()


def end_all() -> None:
    """End every worker of this process."""
    for session in list(_running):
        session.end()


def processor_time(process: psutil.Process) -> float:
    """Seconds of the processor that a process took, and those of its children that have ended."""
    times = process.cpu_times()
    ended: float = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return times.user + times.system + ended


def own_memory(process: psutil.Process) -> int:
    """Bytes that a process takes beside mapped files.

    Memory that it shares with its children counts for each.
    """
    if psutil.LINUX:
        with open(f"/proc/{process.pid}/status", encoding="utf-8", errors="replace") as file:
            lines = (line.split() for line in file)
            return sum(
                int(line[1]) * 1024 for line in lines if line[0] in ("RssAnon:", "RssShmem:")
            )
    memory = process.memory_info()
    shared: int = getattr(memory, "shared", 0)
    return memory.rss - shared


class Gone(Exception):
    """The worker does not answer any more.

    The message says why, as a part of a sentence about the code that ran.
    """


class Session:
    """A worker from its start to its end; use it in a `with` block."""

    def __init__(self, launch: Launch):
        self._launch, self._number = launch, 0
        # a worker that sends without end has to wait
        self._received: queue.Queue[Any] = queue.Queue(1)
        self._to_send: queue.Queue[Any] = queue.Queue()
        self._looked, self._over = 0.0, False
        self.used = 0.0  # seconds of the processor, as far as they were seen
        self._process: subprocess.Popen[bytes]

    def __enter__(self) -> "Session":
        self._process = self._launch.start()
        _running.add(self)
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()
        try:
            self._wait(_START, ())
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: Any) -> None:
        self.end()

    def end(self) -> None:
        """End every process of this worker, at once."""
        self._over = True
        _running.discard(self)
        self._to_send.put(None)
        if not self._launch.closed:
            self._end_group()
        self._process.kill()  # in a sandbox all that is inside dies with it
        self._process.wait()

    def _end_group(self) -> None:
        left = (
            psutil.Process(self._process.pid).children(recursive=True)
            if self._process.poll() is None
            else []
        )
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
        for one in left:
            with contextlib.suppress(psutil.Error):
                one.kill()

    def ask(
        self,
        op: str,
        seconds: float,
        blob: bytes = b"",
        functions: Sequence[Callable[..., Any]] = (),
        **more: Any,
    ) -> tuple[dict[str, Any], bytes]:
        """The reply to one request.

        `seconds` are of the processor. Gone if none comes in time, if the worker ends, or if the
        reply is none.
        """
        self._number += 1
        self._to_send.put(({"op": op, "n": self._number, **more}, blob))
        message, blob = self._wait(seconds, functions)
        if message.get("n") != self._number:
            self.end()
            raise Gone("sent something that is no reply")
        return message, blob

    def _wait(
        self, seconds: float, functions: Sequence[Callable[..., Any]]
    ) -> tuple[dict[str, Any], bytes]:
        calls, begun, before = 0, time.monotonic(), self.used
        while True:
            self._look()
            waited = time.monotonic() - begun
            if self.used - before > seconds or waited > PATIENCE * seconds:
                self._stop("did not come back in time, and could not be stopped in another way")
            try:
                got = self._received.get(timeout=_LOOK)
            except queue.Empty:
                continue
            if isinstance(got, Exception):
                bad = isinstance(got, wire.BadFrame)
                self._stop(
                    "sent something that is no reply" if bad else "ended the program that runs it"
                )
            message, blob = got
            if "call" not in message:
                return message, blob
            calls += 1
            if calls > CALLS:
                self._stop("called the function that it was given too often")
            if not self._to_send.empty():  # replies that nobody reads must not pile up here
                self._stop("called the function that it was given again before it had its answer")
            self._to_send.put(_answer(message, blob, functions))

    def _stop(self, why: str) -> None:
        self.end()
        raise Gone(why)

    def _look(self) -> None:
        """End a worker that has too many processes, or too much memory that is its own."""
        if time.monotonic() - self._looked < _LOOK:
            return
        self._looked, used, count, spent = time.monotonic(), 0, 0, 0.0
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(self._process.pid).children(recursive=True)
            count = len(family)
            for one in (
                family if self._launch.closed else [psutil.Process(self._process.pid), *family]
            ):
                with contextlib.suppress(psutil.Error, OSError):
                    used += own_memory(one)
                    spent += processor_time(one)
        self.used = max(self.used, spent)  # a process that is gone takes its seconds with it
        if count > PROCESSES:
            self._stop(f"started more than {PROCESSES} processes")
        if used > MEMORY:
            self._stop(f"took more than {MEMORY / GIB:g} GiB of memory")

    def _read(self) -> None:
        with contextlib.suppress(EOFError), _pipe(self._process.stdout) as stream:
            try:
                while True:
                    self._offer(wire.receive(stream))
            except (EOFError, OSError, ValueError) as error:
                self._offer(error)

    def _offer(self, item: Any) -> None:
        while not self._over:
            with contextlib.suppress(queue.Full):
                return self._received.put(item, timeout=_LOOK)
        raise EOFError

    def _write(self) -> None:
        # What cannot be written because the worker is gone is no loss: the reader says that it is.
        with contextlib.suppress(OSError, ValueError), _pipe(self._process.stdin) as stream:
            while (item := self._to_send.get()) is not None:
                wire.write(stream, *item)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise TypeError("the worker was started without pipes for its line.")
    return pipe


def _answer(
    message: dict[str, Any], blob: bytes, functions: Sequence[Callable[..., Any]]
) -> tuple[dict[str, Any], bytes]:
    """What a function of the grader's gives for the plain data that the worker sent."""
    encoder = wire.Encoder()
    try:
        if len(blob) > LARGEST_CALL or len(repr(message)) > LARGEST_CALL:
            raise ValueError("that is too much for an argument")
        args = wire.Decoder(blob).decode(message.get("args"))
        if type(args) is not tuple or any(isinstance(one, Odd) for one in args):
            raise ValueError("it takes numbers, lists and tensors")
        value = functions[int(message["call"])](*args)
        return {"value": encoder.encode(value)}, bytes(encoder.blob)
    except Exception as error:  # the student's arguments may be anything, and fail in any way
        return {"error": f"{type(error).__name__}: {error}"[:300]}, b""
