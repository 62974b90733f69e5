"""Stop a function that does not come back, in the thread that runs it, and leave nothing behind.

A notebook's functions run in the main thread, on every system, and may hold back any exception with
a bare `except:`. So a watchdog thread throws exceptions into the running thread, first politely, so
that `with` and `finally` still do their work, and then without end, until the function is left.
What runs is Python: one call into compiled code, such as a single huge matrix product, is stopped
only when it returns.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import CodeType, SimpleNamespace
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 6
_LEAST = 1e-3  # seconds between two looks at the clock
_EVERY = 0.05  # seconds between two exceptions
_POLITE = 5  # so many, before it becomes relentless

# A copy of our own, not the one that other libraries share: it returns nothing, as an __init__ has
# to.
_throw = ctypes.pythonapi["PyThreadState_SetAsyncExc"]
_throw.restype = None


class TooSlow(Exception):
    """The function did not come back in time."""


class _TimeUp(BaseException):
    """Thrown into the function."""


def run_within(seconds: float, function: Callable[[], T]) -> T:  # type: ignore[return]  # or it raises
    """What `function()` returns or raises.

    TooSlow, if that takes more than `seconds` of the processor, which a busy machine does not
    change, or PATIENCE times as long on the clock, because who sleeps uses no processor.
    """
    state = SimpleNamespace(over=True, thrown=False)
    thread, back = threading.get_ident(), threading.Event()
    forget = partial(_throw, ctypes.c_ulong(thread), None)
    watchdog = threading.Thread(target=_watch, args=(thread, seconds, state, back), daemon=True)
    watchdog.start()
    try:
        try:
            state.over = False  # only from here on, where it is caught, may anything be thrown
            return function()
        finally:
            # Python looks for thrown exceptions after a call or a jump, not between these two
            # statements. Once they are done, nothing new is thrown, and what was on its way is
            # forgotten.
            state.over = True
            forget()
    except BaseException:
        if not state.thrown:
            raise
    finally:
        back.set()
        watchdog.join()
        if state.thrown:
            raise TooSlow from None


def _watch(thread: int, seconds: float, state: SimpleNamespace, back: threading.Event) -> None:
    """Throw, again and again, until the function is back.

    `state.over or throw()` cannot be interrupted in between.
    """
    throw = partial(_throw, ctypes.c_ulong(thread), ctypes.py_object(_TimeUp))
    if not _time_is_up(seconds, back):
        return
    polite = _POLITE
    while polite and not back.is_set():
        state.thrown = True
        state.over or throw()
        polite -= 1
        back.wait(_EVERY)
    if not polite and not back.wait(_EVERY):
        insist = _insist_by_monitoring if sys.version_info >= (3, 12) else _insist_by_throwing
        insist(thread, state, back)


def _time_is_up(seconds: float, back: threading.Event) -> bool:
    """Wait until the function is back or its time is over; whether it is over."""
    used, begun = time.process_time(), time.monotonic()
    left = seconds
    while not back.wait(max(left, _LEAST)):
        left = seconds - (time.process_time() - used)
        if left <= 0 or time.monotonic() - begun >= PATIENCE * seconds:
            return True
    return False


def _insist_by_throwing(thread: int, state: SimpleNamespace, back: threading.Event) -> None:
    """An exception that, as soon as it is caught, throws the next one: until there is nothing left
    that catches it.
    """
    number = ctypes.c_ulong(thread)
    again = type("_TimeUpAgain", (_TimeUp,), {})
    throw = partial(_throw, number, ctypes.py_object(again))
    # So it throws itself again, whenever Python makes one to be caught.
    again.__init__ = staticmethod(throw)  # type: ignore[misc]  # no class derives from this one
    while not back.wait(_EVERY):
        state.over or throw()


def _insist_by_monitoring(thread: int, state: SimpleNamespace, back: threading.Event) -> None:
    """Raise before every single instruction of the function.

    Python 3.12 puts an exception thrown at the end of an `except:` in a loop back into its `try`,
    so that the other way would go round for ever there.
    """
    if sys.version_info < (3, 12):
        raise NotImplementedError("sys.monitoring came with Python 3.12")
    monitoring = sys.monitoring
    tool = next(number for number in range(6) if monitoring.get_tool(number) is None)

    def stop(code: CodeType, offset: int) -> None:
        if not state.over and code is not run_within.__code__ and threading.get_ident() == thread:
            raise _TimeUp

    monitoring.use_tool_id(tool, "time limit")
    try:
        monitoring.register_callback(tool, monitoring.events.INSTRUCTION, stop)
        monitoring.set_events(tool, monitoring.events.INSTRUCTION)
        back.wait()
    finally:
        monitoring.set_events(tool, monitoring.events.NO_EVENTS)
        monitoring.register_callback(tool, monitoring.events.INSTRUCTION, None)
        monitoring.free_tool_id(tool)
