"""What waiting threads cost while other programs run: SmolLM2 writes beside busy loops.

    python benchmarks/busy_computer.py

In turns, each in a fresh process: torch's defaults, the settings of utils/threads.py, and a single
thread. Shows the median milliseconds a token of every round, once on the computer as it is and once
beside as many endless loops as there are processors.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

WRITE = """
import statistics, sys, time
if sys.argv[1] == "defaults":
    import torch
from utils import generate, load
model, tok = load("smollm2")
generate(model, tok, "The", max_new_tokens=3)
costs = []
for _ in range(3):
    begin = time.perf_counter()
    generate(model, tok, "The capital of France is", max_new_tokens=4, temperature=0)
    costs.append((time.perf_counter() - begin) / 4)
print(1000 * statistics.median(costs))
"""
CONTENDERS = {
    "torch's defaults": ("defaults", {}),
    "utils/threads.py": ("settled", {}),
    "one thread": ("settled", {"OMP_NUM_THREADS": "1"}),
}


def milliseconds(which: str, variables: dict[str, str]) -> float:
    """The median milliseconds a token, in a process of its own."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("OMP_")}
    run = subprocess.run(
        [sys.executable, "-c", WRITE, which],
        env=own | variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(run.stdout)


def rounds(loops: int, repeats: int = 3) -> None:
    """Every contender in turns beside `loops` endless loops."""
    print(f"beside {loops} endless loops, ms a token:")
    with ExitStack() as running:
        for _ in range(loops):
            loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            running.callback(loop.kill)
        found = [
            {name: milliseconds(*settings) for name, settings in CONTENDERS.items()}
            for _ in range(repeats)
        ]
    for name in CONTENDERS:
        print(f"{name:20}" + "".join(f"{one[name]:9.0f}" for one in found))


def main() -> None:
    print(f"load average at the start: {os.getloadavg()[0]:.1f}")
    for loops in (0, os.cpu_count() or 1):
        rounds(loops)


if __name__ == "__main__":
    main()
