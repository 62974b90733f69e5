"""SmolLM2's blocks left out, exchanged, repeated and turned round: the runs behind the surgery of the
chapter on the whole block.

    python benchmarks/block_surgery.py            (shows what is stored, a line for each operation)
    python benchmarks/block_surgery.py --write    (makes them again, 8 minutes of processor time)

Writes course/runs/block_surgery.csv. A row is one text after one operation on the blocks from
`first` to `last`; `loss` is in nats per token. `seed` is that of the noise or of the shuffle, and 0
elsewhere. "noise": the block adds random vectors of the same length. "no attention" and
"no feed-forward": this layer of the block adds nothing. The machine decides the last digits.
"""

import argparse
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course.runs.stored import write_rows
from course.runs.surgery_table import operations, rises
from utils import GPT, load
from utils.data.mixed_texts import MIXED_TEXTS
from utils.data.short_texts import PARAGRAPHS
from utils.interpretability.block_surgery import (
    OPERATIONS,
    logits_with_noise,
    read_texts,
    rearranged,
    text_losses,
)
from utils.interpretability.silencing import silenced_logits
from utils.model.taps import trace

STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / "block_surgery.csv"
TEXTS = (*PARAGRAPHS, *MIXED_TEXTS)
NOISE_SEEDS, SHUFFLE_SEEDS = (0, 1, 2), (0, 1, 2, 3, 4)
LENGTHS = (1, 2, 4, 8)  # of a piece that is left out
REVERSED = ((8, 23), (12, 19), (2, 28), (0, 29), (4, 7), (14, 17), (22, 25))
SILENCED = {"no attention": "attn", "no feed-forward": "mlp"}
Change = tuple[str, int, int, int, Callable[[], Tensor]]  # operation, first, last, seed, its logits


def changes(model: GPT, ids: Tensor) -> Iterator[Change]:
    """Every operation, with what gives its logits."""
    n = model.config.n_layer

    def in_order(order: list[int]) -> Callable[[], Tensor]:
        return lambda: rearranged(model, order)(ids)

    yield "none", -1, -1, 0, lambda: model(ids)
    yield "no blocks", 0, n - 1, 0, lambda: model.unembed(model.final_norm(model.embed(ids)))
    for length in LENGTHS:
        for first in range(n - length + 1):
            last = first + length - 1
            yield "skip", first, last, 0, in_order(OPERATIONS["skip"](n, first, last))
    for first in range(n - 1):
        yield "swap", first, first + 1, 0, in_order(OPERATIONS["swap"](n, first, first + 1))
    for first in range(n):
        yield "repeat", first, first, 0, in_order(OPERATIONS["repeat"](n, first, first))
    for first, last in REVERSED:
        yield "reverse", first, last, 0, in_order(OPERATIONS["reverse"](n, first, last))
    for seed in SHUFFLE_SEEDS:
        middle = list(range(8, 24))
        random.Random(seed).shuffle(middle)
        yield "shuffle", 8, 23, seed, in_order([*range(8), *middle, *range(24, n)])
    for first in range(n):
        for seed in NOISE_SEEDS:
            yield "noise", first, first, seed, partial(logits_with_noise, model, ids, first, seed)
    for name, part in SILENCED.items():
        for layer in range(n):
            yield (
                name,
                layer,
                layer,
                0,
                lambda p=part, at=layer: next(silenced_logits(model, ids, p, [at])),
            )
        yield name, 0, n - 1, 0, partial(_all_silenced, model, ids, part)


def _all_silenced(model: GPT, ids: Tensor, part: str) -> Tensor:
    replaced = {f"blocks.{layer}.{part}.out": torch.zeros_like for layer in range(30)}
    with trace(model, replace=replaced):
        return model(ids)


@torch.no_grad()
def rows(path: Path) -> None:
    torch.set_num_threads(1)
    model, tok = load("smollm2")
    ids, real = read_texts(tok, TEXTS)
    found: list[dict[str, Any]] = []
    for operation, first, last, seed, logits in changes(model, ids):
        losses = text_losses(logits(), ids, real).tolist()
        print(operation, first, last, seed, f"{sum(losses) / len(losses):.3f}", flush=True)
        found += [
            {
                "operation": operation,
                "first": first,
                "last": last,
                "seed": seed,
                "text": text,
                "loss": f"{loss:.5g}",
            }
            for text, loss in enumerate(losses)
        ]
    write_rows(path, found)


def show() -> None:
    for operation in operations():
        print(operation)
        for (first, last), texts in rises(operation).items():
            mean = sum(texts) / len(texts)
            print(f"  {first:2}..{last:2}  {mean:+7.3f}   {min(texts):+7.3f} to {max(texts):+7.3f}")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--write", action="store_true", help="make the runs again")
    if options.parse_args().write:
        rows(STORED)
    show()


if __name__ == "__main__":
    main()
