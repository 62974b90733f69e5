"""The other way to one call a token: torch.compile, beside torch's own calls and utils/compiled.

    python benchmarks/torch_compile.py              # float32
    python benchmarks/torch_compile.py int8 int4    # other precisions

Needs a C++ compiler, which torch.compile calls. Prints the seconds until the first compiled token
and, over rounds in turn, milliseconds a token: the median, and the best.
"""

import shutil
import sys
import time
from collections.abc import Callable
from statistics import median

import torch
from jaxtyping import Float
from torch import Tensor

from utils import load
from utils.compiled.token_pass import TokenPass

TOKENS, ROUNDS = 24, 5
PROMPT = "The capital of France is a city that"


def milliseconds(step: Callable[[], Float[Tensor, "1 vocab"]]) -> list[float]:
    times = []
    for _ in range(TOKENS):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return times


def compare(precision: str) -> None:
    model, tok = load("smollm2", precision=precision)
    ids = torch.tensor([tok.encode(PROMPT)])
    token = ids[:, -1:]
    room = ids.shape[1] + 2 * TOKENS * (ROUNDS + 1)
    caches = [model.new_cache(1, room) for _ in range(3)]
    for cache in caches:
        model.next_logits(ids[:, :-1], cache=cache)
    compiled = torch.compile(model.next_logits, dynamic=True)
    with TokenPass(model, caches[2]) as quick:
        ways = {
            "many calls": lambda: model.next_logits(token, cache=caches[0]),
            "torch.compile": lambda: compiled(token, cache=caches[1]),
            "one call": lambda: quick.next_logits(token),
        }
        start = time.perf_counter()
        for _ in range(3):  # a new length may make it compile anew
            ways["torch.compile"]()
        print(f"{precision}: torch.compile is ready after {time.perf_counter() - start:.0f} s")
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, step in ways.items():
                times[name] += milliseconds(step)
    for name, found in times.items():
        print(f"    {name:14} median {median(found):6.1f}   best {min(found):6.1f}")


def main(precisions: list[str]) -> int:
    if not (shutil.which("c++") or shutil.which("g++") or shutil.which("cl")):
        print("torch.compile needs a C++ compiler, and there is none here: install one.")
        return 1
    with torch.inference_mode():
        for precision in precisions or ["float32"]:
            compare(precision)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
