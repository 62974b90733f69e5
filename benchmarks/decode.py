"""Tokens per second and memory of SmolLM2, ours beside transformers and llama.cpp, all in one run.

    python benchmarks/decode.py                                     # the table, on the screen
    python benchmarks/decode.py --write                             # and into benchmarks/RESULTS.md
    python benchmarks/decode.py --llama-python other/bin/python     # with llama.cpp, from a Python
    that has llama_cpp

Every contender is a process of its own that stays, so that its peak memory is its own. They work in
turn, one at a time, round after round; the table has medians over the rounds, and ratios are
medians of the rounds' ratios. So a noisy moment hits all alike. Needs transformers (the extra
`test`). llama-cpp-python compiles for minutes:

    python -m venv other
    CMAKE_ARGS="-DGGML_NATIVE=ON -DGGML_AMX_TILE=OFF -DGGML_AMX_INT8=OFF -DGGML_AMX_BF16=OFF" \\
        other/bin/pip install llama-cpp-python
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from decode_table import bars, machine, table

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
START, END = "<!-- decode: written by benchmarks/decode.py -->", "<!-- end of decode -->"
WORKER = str(HERE / "contenders.py")

EXPORT = """
import sys, torch
sys.path.insert(0, sys.argv[2])
from oracles import llama_from_gguf
from utils.assets.cache import fetch
from utils.loading.gguf_file import GGUFFile
file = GGUFFile(fetch("smollm2"))
tensors = {name: file.read(name) for name in file.tensors}
model = llama_from_gguf(tensors, n_head=9, n_kv_head=3, context_length=8192, rope_base=100_000.0)
model.save_pretrained(sys.argv[1] + "/float32")
model.bfloat16().save_pretrained(sys.argv[1] + "/bfloat16")
print(file.path)
"""


class Contender:
    """A process that answers each task with a line of JSON."""

    def __init__(
        self, name: str, kind: str, path: str, precision: str, python: str = sys.executable
    ):
        self.name, self.answers = name, {"decode": [], "prefill": [], "memory": []}
        command = [python, WORKER, kind, path, precision]
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (a pipe that nobody reads fills up)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            encoding="utf-8",
        )
        self.ready = self._read()

    def ask(self, task: str) -> dict:
        self.process.stdin.write(task + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise RuntimeError(f"{self.name} ended early: {self.errors.read()[-2000:]}")
        return json.loads(line)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()

    def speeds(self, task: str) -> list[float]:
        return [answer["per_s"] for answer in self.answers[task]]


def exported(folder: str) -> str:
    """Write the model for transformers into the folder; gives back the path of the GGUF file."""
    command = [sys.executable, "-W", "ignore", "-c", EXPORT]
    command += [folder, str(HERE.parent / "tests" / "help")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[-1]


def run(
    rounds: int, llama_python: str | None, folder: str
) -> tuple[list[Contender], list[float], list[float]]:
    """All contenders after their rounds, the memory's speed in each round, and the load of the
    machine over it.
    """
    gguf = exported(folder)
    contenders = [
        Contender(f"ours {p}", "ours", gguf, p) for p in ("float32", "bfloat16", "int8", "int4")
    ]
    contenders += [
        Contender(f"transformers {p}", "transformers", f"{folder}/{p}", p)
        for p in ("float32", "bfloat16")
    ]
    if llama_python:
        contenders.append(Contender("llama.cpp Q4_1", "llama.cpp", gguf, "", llama_python))
    memory, speeds, loads = Contender("memory", "memory", "", ""), [], []
    for contender in contenders:  # the first calls pay for what is made once
        contender.ask("decode"), contender.ask("prefill")
    for _ in range(rounds):
        speeds.append(max(memory.ask("memory").values()))
        loads.append(os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan"))
        for task in ("decode", "prefill"):
            for contender in contenders:
                contender.answers[task].append(contender.ask(task))
    for contender in contenders:
        contender.peak = contender.ask("peak")["peak"]
    for contender in (*contenders, memory):
        contender.close()
    return contenders, speeds, loads


def write(lines: list[str]) -> None:
    """Put the lines in place of the last run's; what else is in the file stays."""
    old = RESULTS.read_text(encoding="utf-8")
    before, after = old[: old.index(START)], old[old.index(END) :]
    RESULTS.write_text("\n".join([before + START, "", *lines, "", after]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--llama-python", help="a Python that has llama_cpp")
    parser.add_argument("--write", action="store_true", help="into benchmarks/RESULTS.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        contenders, speeds, loads = run(options.rounds, options.llama_python, folder)
    lines = [*machine(speeds, loads), "", *table(contenders, speeds), "", *bars(contenders, speeds)]
    print("\n".join(lines))
    if options.write:
        write(lines)


if __name__ == "__main__":
    main()
