"""How long something takes here and now: shown beside a count, never judged."""

import time
from collections.abc import Callable


def fastest(run: Callable[[], object], times: int = 3) -> float:
    """Seconds of the quickest of several runs: what it takes when nothing else is in the way."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return min(taken)
