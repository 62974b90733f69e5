"""What only a graphics card can show, in ten minutes at most:

    python benchmarks/gpu.py                  # or: make gpu
    python benchmarks/gpu.py --device cpu     # the same parts without a card, to try the script

- the tests marked gpu (packed layers, training in float32, bfloat16 and float16);
- writing and reading SmolLM2 in every precision, beside transformers in float16 and bfloat16;
- a training step in float32 and bfloat16;
- two processes that train on one card, over gloo, beside one;
- chapter 20 and a chapter that trains, from top to bottom.

Each part is a process of its own with a time limit. A part that fails does not stop the others; the
exit code counts those that failed. Prints a table, to be put into benchmarks/RESULTS.md by hand.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from statistics import median

import torch
from decode import HERE, Contender, exported

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.loop import train

ROOT = HERE.parent
CHAPTERS = ("05_*.ipynb", "20_*.ipynb")
OURS = ("float32", "bfloat16", "float16", "int8", "int4")
THEIRS = ("bfloat16", "float16")
ROUNDS = {"cuda": 5, "cpu": 1}
STEPS = 20
SIZES = {"vocab_size": 4096, "context_length": 256, "n_layer": 8, "n_head": 8, "d_model": 512}


def run(command: list[str], seconds: int) -> str:
    """The last lines that a command printed. RuntimeError where it failed or took too long."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"was not done after {seconds} seconds") from None
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr)[-1500:])
    return done.stdout.strip().splitlines()[-1]


def tests(device: str) -> Iterator[str]:
    yield run([sys.executable, "-m", "pytest", "-q", "-m", "gpu", "tests/unit"], 180)


def decoding(device: str) -> Iterator[str]:
    """Medians over rounds in which all contenders work in turn."""
    with tempfile.TemporaryDirectory() as folder:
        gguf = exported(folder)
        contenders = [Contender(f"ours {p}", "ours", gguf, p) for p in OURS]
        contenders += [
            Contender(f"transformers {p}", "transformers", f"{folder}/float32", p) for p in THEIRS
        ]
        for contender in contenders:  # the first calls pay for what is made once
            contender.ask("decode"), contender.ask("prefill")
        for _ in range(ROUNDS.get(device, 1)):
            for task in ("decode", "prefill"):
                for contender in contenders:
                    contender.answers[task].append(contender.ask(task))
        for contender in contenders:
            contender.close()
    yield "| | decode, tokens/s | prefill of 512, tokens/s |"
    yield "|---|--:|--:|"
    for contender in contenders:
        speeds = (median(contender.speeds(task)) for task in ("decode", "prefill"))
        yield f"| {contender.name} | {' | '.join(f'{speed:.0f}' for speed in speeds)} |"


def training_step(device: str) -> Iterator[str]:
    tokens = torch.randint(SIZES["vocab_size"], (50_000,))
    for precision in ("float32", "bfloat16"):
        model = GPT(GPTConfig(**SIZES)).to(device)
        batches = RandomWindows(tokens, SIZES["context_length"], 8, seed=0)
        for steps in (2, STEPS):  # the first run warms up
            start = time.perf_counter()
            config = TrainConfig(steps=steps, precision=precision)
            losses = train(model, batches, config, progress=False).losses
        milliseconds = 1000 * (time.perf_counter() - start) / STEPS
        yield f"{precision}: {milliseconds:.1f} ms a step, loss {losses[0]:.3f} to {losses[-1]:.3f}"


def team(device: str) -> Iterator[str]:
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    one, two = (
        json.loads(run([sys.executable, *way, str(HERE / "gpu_team.py"), device], 120))
        for way in ([], torchrun)
    )
    apart = max(abs(a - b) / b for a, b in zip(two, one, strict=True))
    if apart > 1e-3:
        raise RuntimeError(f"the losses of two processes are off by {apart:.1e} of those of one")
    yield f"losses of two processes and of one: at most {apart:.1e} apart"


def chapters(device: str) -> Iterator[str]:
    options = ["-q", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "200"]
    for chapter in CHAPTERS:
        (notebook,) = (ROOT / "notebooks").glob(chapter)
        last = run([sys.executable, "-m", "pytest", *options, str(notebook)], 240)
        yield f"{notebook.name}: {last}"


def told(part: Callable[[str], Iterator[str]], device: str) -> bool:
    """Run a part and print what it says; whether it worked."""
    print(f"\n## {part.__name__}\n", flush=True)
    try:
        for line in part(device):
            print(line, flush=True)
    except RuntimeError as problem:
        print(f"FAILED: {problem}", flush=True)
        return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    device = parser.parse_args().device
    if device == "cuda" and not torch.cuda.is_available():
        print(
            "There is no graphics card here that torch can use: run this where there is one, or "
            "give --device cpu to try the script.",
            file=sys.stderr,
        )
        return 1
    os.environ["GLASSBOX_DEVICE"] = device  # for every process that is started here
    card = torch.cuda.get_device_name() if device == "cuda" else "no card"
    print(f"{card}; torch {torch.__version__}, CUDA {torch.version.cuda}")
    parts = (tests, decoding, training_step, team, chapters)
    return sum(not told(part, device) for part in parts)


if __name__ == "__main__":
    sys.exit(main())
