"""What benchmarks/decode.py measured, as the lines of a document: the machine, a table, and how the
bars were met.
"""

import os
import platform
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Protocol

import torch

from utils.assets.cache import fetch
from utils.loading.gguf_file import GGUFFile
from utils.loading.gguf_model import gguf_vocabulary
from utils.text.fast_tokenizer import FastTokenizer


class Measured(Protocol):
    """A contender after its rounds."""

    name: str
    ready: dict  # load_s, and the bytes that it reads for one token
    answers: dict[str, list[dict]]  # of each task, one for each round
    peak: int  # bytes

    def speeds(self, task: str) -> list[float]: ...


def ratio(one: Measured, others: Iterable[Measured], task: str = "decode") -> float:
    """The median over the rounds of one speed by the best of the others."""
    best = [max(speeds) for speeds in zip(*(other.speeds(task) for other in others), strict=True)]
    return median(mine / theirs for mine, theirs in zip(one.speeds(task), best, strict=True))


def table(contenders: list[Measured], speeds: list[float]) -> list[str]:
    """A line for each contender."""
    tok = FastTokenizer(gguf_vocabulary(GGUFFile(fetch("smollm2"))))
    said = [answer["said"] for answer in (c.answers["decode"][0] for c in contenders)]
    texts = [text if isinstance(text, str) else tok.decode(text) for text in said]
    reference = texts[[c.name for c in contenders].index("transformers float32")]
    heads = [
        "",
        "decode, tokens/s",
        "of the limit",
        "prefill of 512, tokens/s",
        "peak memory, MB",
        "load, s",
    ]
    heads += ["bytes per token, MB", "same text, characters"]
    lines = [f"| {' | '.join(heads)} |", "|---" + "|--:" * (len(heads) - 1) + "|"]
    for c, text in zip(contenders, texts, strict=True):
        reached = median(
            d * c.ready["bytes"] / s for d, s in zip(c.speeds("decode"), speeds, strict=True)
        )
        same = next(
            (at for at, (a, b) in enumerate(zip(text, reference, strict=False)) if a != b),
            len(reference),
        )
        cells = [
            c.name,
            f"{median(c.speeds('decode')):.1f}",
            f"{reached:.0%}",
            f"{median(c.speeds('prefill')):.0f}",
        ]
        cells += [
            f"{c.peak / 1e6:.0f}",
            f"{c.ready['load_s']:.1f}",
            f"{c.ready['bytes'] / 1e6:.0f}",
        ]
        lines.append(f"| {' | '.join([*cells, f'{same} of {len(reference)}'])} |")
    return lines


def bars(contenders: list[Measured], speeds: list[float]) -> list[str]:
    """What we want to reach, and what we reached."""
    by = {c.name: c for c in contenders}
    theirs = [by["transformers float32"], by["transformers bfloat16"]]

    def of_the_limit(c: Measured) -> float:
        decoded = zip(c.speeds("decode"), speeds, strict=True)
        return median(d * c.ready["bytes"] / s for d, s in decoded)

    wanted = [
        ("decode, float32 by transformers float32", ratio(by["ours float32"], theirs[:1]), 1.3),
        ("decode, float32 by the memory's limit", of_the_limit(by["ours float32"]), 0.65),
        ("decode, int8 by the memory's limit", of_the_limit(by["ours int8"]), 0.65),
        ("decode, int8 by transformers' better one", ratio(by["ours int8"], theirs), 3),
        ("decode, int4 by transformers' better one", ratio(by["ours int4"], theirs), 4),
    ]
    if "llama.cpp Q4_1" in by:
        wanted.append(
            ("decode, int4 by llama.cpp", ratio(by["ours int4"], [by["llama.cpp Q4_1"]]), 1)
        )
    for c in (c for c in contenders if c.name.startswith("ours")):
        wanted.append(
            (f"prefill, {c.name} by transformers float32", ratio(c, theirs[:1], "prefill"), 1)
        )
    for c in (c for c in contenders if c.name.startswith("ours")):
        wanted.append((f"3 s by the seconds to load {c.name}", 3 / c.ready["load_s"], 1))
    rows = [
        f"| {name} | {is_:.2f} | {bar:g} | {'met' if is_ >= bar else 'missed'} |"
        for name, is_, bar in wanted
    ]
    return ["| ratio | is | should be | |", "|---|--:|--:|---|", *rows]


def machine(speeds: list[float], loads: list[float]) -> list[str]:
    """Where and when it was measured, and how busy the machine was."""
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next(
            (line.split(":")[1].strip() for line in info if line.startswith("model name")), cpu
        )
    load = f"{min(loads):.1f} to {max(loads):.1f}, median {median(loads):.1f}"
    return [
        f"{date.today()}. {cpu}, {os.cpu_count()} cores, "
        f"{torch.backends.cpu.get_cpu_capability()}; "
        f"{platform.system()}, Python {platform.python_version()}, torch {torch.__version__}. "
        f"Memory read at {median(speeds) / 1e9:.1f} GB/s (median of {len(speeds)} rounds). "
        f"Load average at the start of a round: {load}."
    ]
