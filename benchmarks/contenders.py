"""One contender of benchmarks/decode.py, in a process of its own: loads a model, then works when it
is told to.

    python benchmarks/contenders.py KIND PATH PRECISION

KIND is ours, transformers, llama.cpp or memory. For each line on stdin (decode, prefill, peak) one
line of JSON comes back. What a contender does not need it does not import, so llama.cpp may run in
another Python.
"""

import json
import os
import sys
import time
from collections.abc import Callable

PROMPT = [504, 3575, 282, 4649, 314]  # "The capital of France is"
LONG_PROMPT = [PROMPT[i % len(PROMPT)] for i in range(512)]
TOKENS = 64

# So many tokens after a prompt, greedily, without an end: as ids, or as text.
Continue = Callable[[list[int], int], list[int] | str]


class Endless:
    """A tokenizer that knows no end, so that every text is as long as was asked for."""

    stop_ids = frozenset()

    def __init__(self, tok: object):
        self.tok = tok

    def __getattr__(self, name: str) -> object:
        return getattr(self.tok, name)


def ours(path: str, precision: str) -> tuple[Continue, int]:
    from utils import generate, load
    from utils.quantization.packed_model import bytes_per_token

    model, tok = load(path, precision=precision)

    def continue_(prompt: list[int], count: int) -> str:
        return generate(model, Endless(tok), prompt, max_new_tokens=count, temperature=0)

    return continue_, bytes_per_token(model)


def transformers(path: str, precision: str) -> tuple[Continue, int]:
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    device = os.environ.get("GLASSBOX_DEVICE", "cpu")
    model = AutoModelForCausalLM.from_pretrained(path, dtype=precision).eval().to(device)
    model.generation_config.eos_token_id = None

    def continue_(prompt: list[int], count: int) -> list[int]:
        ids = torch.tensor([prompt], device=device)
        settings = {"do_sample": False, "max_new_tokens": count, "pad_token_id": 0}
        return model.generate(ids, attention_mask=torch.ones_like(ids), **settings)[
            0, len(prompt) :
        ].tolist()

    return continue_, sum(p.numel() * p.element_size() for p in model.parameters())


def llama_cpp(path: str, precision: str) -> tuple[Continue, int]:
    from pathlib import Path

    from llama_cpp import Llama

    threads = os.cpu_count()
    model = Llama(
        path, n_ctx=1024, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False
    )

    def continue_(prompt: list[int], count: int) -> list[int]:
        model.reset()
        new, tokens = prompt, []
        for _ in range(count):
            model.eval(new)
            new = [model.sample(temp=0.0)]
            tokens += new
        return tokens

    return continue_, Path(path).stat().st_size


def memory_speed() -> dict[str, float]:
    """Bytes per second that all cores read together: the best of three ways to read 400 MB once."""
    import torch

    from utils.model.linear import linear

    with torch.inference_mode():
        matrix, x = torch.ones(100_000, 1000), torch.ones(1, 1000)
        ways = {
            "sum": matrix.sum,
            "largest": matrix.max,
            "matrix times vector": lambda: linear(x, matrix),
        }
        return {
            name: matrix.numel() * 4 / min(timed(way) for _ in range(4))
            for name, way in ways.items()
        }


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_bytes() -> int:
    """The most memory that this process held at a time."""
    try:
        with open("/proc/self/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:  # not Linux; Windows has no resource module
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
            1 if sys.platform == "darwin" else 1024
        )


def decode(continue_: Continue) -> dict:
    """Tokens per second, the first and the prompt left out, and what was said."""
    first = timed(lambda: continue_(PROMPT, 1))
    start = time.perf_counter()
    said = continue_(PROMPT, TOKENS + 1)
    return {"per_s": TOKENS / (time.perf_counter() - start - first), "said": said}


def prefill(continue_: Continue) -> dict:
    return {"per_s": len(LONG_PROMPT) / timed(lambda: continue_(LONG_PROMPT, 1))}


def main(kind: str, path: str, precision: str) -> None:
    start = time.perf_counter()
    if kind == "memory":
        tasks, ready = {"memory": memory_speed}, {}
    else:
        kinds = {"ours": ours, "transformers": transformers, "llama.cpp": llama_cpp}
        continue_, n_bytes = kinds[kind](path, precision)
        tasks = {"decode": lambda: decode(continue_), "prefill": lambda: prefill(continue_)}
        ready = {"load_s": time.perf_counter() - start, "bytes": n_bytes}
    print(json.dumps(ready), flush=True)
    for line in sys.stdin:
        task = line.strip()
        print(json.dumps({"peak": peak_bytes()} if task == "peak" else tasks[task]()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
