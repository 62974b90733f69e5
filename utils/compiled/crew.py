"""Threads that do one token together, again and again."""

import threading
from collections.abc import Callable
from types import TracebackType

import numpy as np

from utils.compiled.meeting import CALLED_OFF, PLACE_BYTES

# thread, how many threads, where they meet, position
Share = Callable[[int, int, int, int], None]


class Crew:
    """`size` threads, of which the caller is one; the others sleep between two tokens.

    A context manager: at its end the others are gone.
    """

    def __init__(self, size: int, work: Share):
        self._size, self._work, self._position = size, work, 0
        self._over = self._is_off = False
        self._memory = np.zeros(PLACE_BYTES + 64, np.uint8)
        self.place = (self._memory.ctypes.data + 63) // 64 * 64  # the start of a cache line
        self._starts = [threading.Semaphore(0) for _ in range(1, size)]
        self._others = [
            threading.Thread(target=self._follow, args=(me, start), daemon=True)
            for me, start in enumerate(self._starts, start=1)
        ]

    def __enter__(self) -> "Crew":
        for other in self._others:
            other.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        for start in self._starts:
            start.release()
        for other in self._others:
            other.join()

    def run(self, position: int) -> None:
        """All shares of one token. RuntimeError after one that was interrupted."""
        if self._is_off:
            raise RuntimeError(
                "this pass was interrupted in the middle of a token: begin the text again."
            )
        self._position = position
        try:
            for start in self._starts:
                start.release()
            self._work(0, self._size, self.place, position)
        except BaseException:
            # Ctrl-C can come between two of these lines: nobody may wait for one who does not come.
            self._call_off()
            raise

    def _call_off(self) -> None:
        self._is_off = True
        place = self.place - self._memory.ctypes.data + CALLED_OFF
        self._memory[place : place + 8].view(np.int64)[0] = 1

    def _follow(self, me: int, start: threading.Semaphore) -> None:
        while True:
            start.acquire()
            if self._over:
                return
            self._work(me, self._size, self.place, self._position)
