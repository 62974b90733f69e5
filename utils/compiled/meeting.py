"""Where threads wait for each other, some 150 times a token.

Between two meetings lie some 50 microseconds of work. To put a thread to sleep and wake it takes
about as long, so whoever is early looks again and again; after a while it lets others have the
processor between two looks, so that a busy computer goes on.
"""

import ctypes
import sys

import llvmlite.binding as llvm
from numba import types

from utils.compiled.compiling import compiled
from utils.compiled.memory import add_at, look_at

_PATIENCE = 2_000  # looks, about as many as a meeting takes where every thread has a processor
# Bytes from the place: each in a cache line of its own.
ARRIVALS, CALLED_OFF, TAKEN = 0, 64, 128
PLACE_BYTES = 192
# The system's "let another thread run", under a name of ours: LLVM ends the whole process where it
# does not find a name.
_YIELD = "glass_box_let_others_run"
_library = ctypes.CDLL("kernel32" if sys.platform == "win32" else None)
_function = _library.SwitchToThread if sys.platform == "win32" else _library.sched_yield
llvm.add_symbol(_YIELD, ctypes.cast(_function, ctypes.c_void_p).value)
_let_others_run = types.ExternalFunction(_YIELD, types.int32())


@compiled
def meet(place: int, crowd: int) -> None:
    """Go on when `crowd` threads have come here, or when the meeting is called off.

    Arrivals are only counted up: whoever comes as the n-th goes on at the next multiple of `crowd`.
    """
    if crowd == 1:
        return
    before = add_at(place + ARRIVALS, 1)
    goal = (before // crowd + 1) * crowd
    looks = 0
    while look_at(place + ARRIVALS) < goal and look_at(place + CALLED_OFF) == 0:
        looks += 1
        if looks > _PATIENCE:
            _let_others_run()


@compiled
def take(place: int, count: int) -> int:
    """Whoever is free takes the next `count` rows of a long step; gives back the first of them.

    A thread that is disturbed takes fewer. `none_taken` before the next such step.
    """
    first: int = add_at(place + TAKEN, count)
    return first


@compiled
def none_taken(place: int) -> None:
    """Begin again; for one thread, when all have met after the step."""
    add_at(place + TAKEN, -look_at(place + TAKEN))
