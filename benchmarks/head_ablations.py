"""SmolLM2 without some of its heads: the tables behind the chapter on many heads.

    python benchmarks/head_ablations.py            (shows what is stored)
    python benchmarks/head_ablations.py --write    (measures again, 7 minutes of processor time)

Writes course/runs/head_cuts.csv, a row for each set of heads that was cut at once: `heads` names
them, `draw` counts random ones; `copy` is the mean loss of eight texts of 25 random tokens, twice (of
the second half but for its first token; other seeds than those on which the score card was made),
`accuracy` the share of these tokens that were the likeliest; plain_0 ... are the losses of the texts
of utils/data/mixed_texts.py. `instead` is "zero", or "mean": what each head gathers on average over
these texts. Random draws were cut with "zero" only.

And course/runs/head_ablations.csv, a row for each text of MAP_TEXTS, layer and way of
switching off; "mean" here is that over the *other* texts. `whole` is the loss with all heads, head_0 ... head_8 the
loss without that one. The machine decides the last digits.
"""

import argparse
import random
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.runs.head_table import WAYS, cut_names, loss_changes, plain_change
from course.runs.stored import select, write_rows
from utils import GPT, load
from utils.data.mixed_texts import MIXED_TEXTS
from utils.interpretability.attention_patterns import mean_head_scores, repeated_random_ids
from utils.interpretability.silencing import (
    Head,
    losses_without_heads,
    mean_gathered,
    without_heads,
)

RUNS = Path(__file__).resolve().parents[1] / "course" / "runs"
PERIOD = 25
COPY_SEEDS = range(100, 108)  # the score card is made with seeds from 0 on
DRAWS = 12
MAP_TEXTS = range(6, 10)  # places in MIXED_TEXTS
Row = dict[str, str | int | float]


def copied(model: GPT, seed: int) -> Tensor:
    return repeated_random_ids(model.config.vocab_size, PERIOD, seed)


def loss(model: GPT, ids: Tensor, first: int = 1) -> tuple[float, float]:
    """Nats per token from the token `first` on, and the share of them that was the likeliest."""
    logits = model(ids[None])[0, first - 1 : -1]
    right = (logits.argmax(dim=-1) == ids[first:]).float().mean()
    return float(cross_entropy(logits, ids[first:])), float(right)


def map_rows(model: GPT, texts: list[Tensor]) -> Iterator[Row]:
    """A row for each text of the map, way and layer."""
    for number in MAP_TEXTS:
        ids = texts[number]
        others = [text for place, text in enumerate(texts) if place != number]
        whole, _ = loss(model, ids)
        for way, instead in {"zero": None, "mean": mean_gathered(model, others)}.items():
            losses = losses_without_heads(model, ids, instead=instead)
            for layer, row in enumerate(losses.tolist()):
                start: Row = {"text": number, "instead": way, "layer": layer}
                heads = {f"head_{head}": round(value, 4) for head, value in enumerate(row)}
                yield start | {"whole": round(whole, 4)} | heads


def chosen(scores: Tensor, count: int) -> list[Head]:
    """The heads with the highest scores, the best first."""
    best = scores.flatten().topk(count).indices.tolist()
    return [divmod(place, scores.shape[1]) for place in best]


def sets_of_heads(model: GPT, texts: list[Tensor]) -> Iterator[tuple[str, int, list[Head]]]:
    """Name, draw and heads of each cut."""
    card = mean_head_scores(model, texts, period=PERIOD)
    yield "none", 0, []
    for kind in ("induction", "previous"):
        for count in (1, 5, 20):
            yield f"{kind} {count}", 0, chosen(card[kind], count)
    five = chosen(card["induction"], 5)
    everyone = [(layer, head) for layer in range(30) for head in range(9)]
    rng = random.Random(0)
    for draw in range(DRAWS):
        yield "random 5", draw, rng.sample([head for head in everyone if head not in five], 5)
    for draw in range(DRAWS):
        yield "random 5, same layers", draw, _same_layers(five, rng)


def _same_layers(heads: list[Head], rng: random.Random) -> list[Head]:
    """As many other heads of each layer, as far as it has so many."""
    found: list[Head] = []
    for layer in sorted({layer for layer, _ in heads}):
        taken = [head for one, head in heads if one == layer]
        free = [head for head in range(9) if head not in taken]
        found += [(layer, head) for head in rng.sample(free, min(len(taken), len(free)))]
    return found


def cut_rows(model: GPT, texts: list[Tensor]) -> Iterator[Row]:
    """A row for each cut and way."""
    mean = mean_gathered(model, texts)
    for name, draw, heads in sets_of_heads(model, texts):
        for way, instead in {"zero": None, "mean": mean}.items():
            if way == "mean" and (not heads or name.startswith("random")):
                continue
            with without_heads(model, heads, instead) if heads else nullcontext():
                on_copies = [loss(model, copied(model, s), PERIOD + 1) for s in COPY_SEEDS]
                on_plain = [loss(model, ids)[0] for ids in texts]
            copy, accuracy = torch.tensor(on_copies).mean(dim=0).tolist()
            row: Row = {"cut": name, "draw": draw, "instead": way}
            row["heads"] = " ".join(f"{layer}.{head}" for layer, head in heads)
            row |= {"copy": round(copy, 3), "accuracy": round(accuracy, 3)}
            yield row | {f"plain_{i}": round(value, 4) for i, value in enumerate(on_plain)}


def show() -> None:
    for way in WAYS:
        change = loss_changes(way).mean(dim=0)
        best = [f"{layer}.{head}" for layer, head in chosen(change, 6)]
        print(f"{way}: mean {change.mean():+.3f}, worst {', '.join(best)}")
    for name in cut_names():
        for way in WAYS:
            if not (found := select("head_cuts.csv", cut=name, instead=way)):
                continue
            copy = torch.tensor([float(row["copy"]) for row in found])
            right = torch.tensor([float(row["accuracy"]) for row in found])
            plain = plain_change(name, way).mean()
            print(
                f"{name:22} {way}: copy {copy.mean():5.2f} ({copy.min():.2f} to {copy.max():.2f}), "
                f"right {right.mean():.2f}, plain {plain:+.3f}  {found[0]['heads']}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="measure again")
    if parser.parse_args().write:
        torch.set_grad_enabled(False)
        model, tok = load("smollm2")
        texts = [torch.tensor(tok.encode(text)) for text in MIXED_TEXTS]
        write_rows(RUNS / "head_cuts.csv", list(cut_rows(model, texts)))
        write_rows(RUNS / "head_ablations.csv", list(map_rows(model, texts)))
    show()


if __name__ == "__main__":
    main()
