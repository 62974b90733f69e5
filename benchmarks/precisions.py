"""Each precision of SmolLM2 beside float32, with this processor's instructions and with some of
them left alone.

    python benchmarks/precisions.py [--rounds 5] [--only "AVX2 at most"]

Processor seconds of one thread, and ratios to float32 of the same process: less than 1 is quicker.
That torch and oneDNN may not use an instruction is told to them by variables, which simulates a
processor that lacks it. What a busy machine adds hits all alike, if not evenly: each figure is the
median of the rounds, in which the precisions take turns.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

LIMITS = {
    "as it is": {},
    "AVX2 at most": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
    "no vectors in torch, AVX2 in oneDNN": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
    },
}
PRECISIONS = ("float32", "bfloat16", "float16", "int8", "int4")
PROMPTS = (8, 32, 64, 256)


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(rounds: int) -> dict[str, dict[str, list[float]]]:
    """Of each precision and task, the processor seconds of each round."""
    import torch

    from utils import load
    from utils.model.kv_cache import KVCache

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    ids = torch.randint(49_000, (1, 256), generator=torch.Generator().manual_seed(0))
    tasks = {}
    for precision in PRECISIONS:
        model, _ = load("smollm2", precision=precision)
        cache = model.new_cache(1, 40)
        model(ids[:, :32], cache=cache)

        def write(model: torch.nn.Module = model, cache: KVCache = cache) -> None:
            for token in ids[:, :4].split(1, dim=1):
                model(token, cache=cache)
            cache.length -= 4

        tasks[precision] = {"4 tokens written": write}
        for n in PROMPTS:
            tasks[precision][f"{n} read"] = lambda model=model, n=n: model(ids[:, :n])
    found = {precision: {name: [] for name in works} for precision, works in tasks.items()}
    for turn in range(rounds + 1):
        for precision, works in tasks.items():
            for name, work in works.items():
                taken = seconds(work)
                if turn:  # the first pays for what is made once
                    found[precision][name].append(taken)
    return found


def table(found: dict[str, dict[str, list[float]]]) -> list[str]:
    names = list(found["float32"])
    lines = [f"| | {' | '.join(names)} |", "|---" + "|--:" * len(names) + "|"]
    base = [f"{median(found['float32'][name]):.2f} s" for name in names]
    lines.append(f"| float32, processor seconds | {' | '.join(base)} |")
    for precision in PRECISIONS[1:]:
        ratios = [
            median(
                own / other
                for own, other in zip(found[precision][name], found["float32"][name], strict=True)
            )
            for name in names
        ]
        lines.append(
            f"| {precision} by float32 | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=LIMITS, help="one of the tables")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(options.rounds)))
        return
    command = [sys.executable, __file__, "--worker", f"--rounds={options.rounds}"]
    for name in [options.only] if options.only else LIMITS:
        done = subprocess.run(
            command, env=os.environ | LIMITS[name], stdout=subprocess.PIPE, text=True, check=True
        )
        print(f"\n{name}\n", *table(json.loads(done.stdout)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
