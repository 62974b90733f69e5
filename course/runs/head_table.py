"""The stored runs without some heads: made by benchmarks/head_ablations.py, which says what their
columns are.
"""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from course.runs.stored import matching, select, stored

_MAPS, _CUTS = "head_ablations.csv", "head_cuts.csv"
PLAIN, COPY = "plain", "copy"


def loss_changes(kind: str, instead: str = "zero") -> Float[Tensor, "text layer head"]:
    """By how many nats per token the loss of each text rises without one head.

    `kind`: "plain", the twelve texts of utils/data/mixed_texts.py, or "copy", random tokens twice,
    of which the second half counts. `instead`: "zero" or "mean". Raises ValueError for others.
    """
    return _losses(kind, instead)[0]


def whole_losses(kind: str) -> Float[Tensor, " text"]:
    """The loss of each text with all heads, in nats per token."""
    return _losses(kind, "zero")[1]


@cache
def _losses(kind: str, instead: str) -> tuple[Tensor, Tensor]:
    rows = matching(_MAPS, f"no map of {kind!r}, {instead!r} is", kind=kind, instead=instead)
    texts = sorted({int(row["text"]) for row in rows})
    n_layer = 1 + max(int(row["layer"]) for row in rows)
    heads = [name for name in rows[0] if name.startswith("head_")]
    without = torch.full((len(texts), n_layer, len(heads)), torch.nan)
    whole = torch.full((len(texts),), torch.nan)
    for row in rows:
        text = texts.index(int(row["text"]))
        without[text, int(row["layer"])] = torch.tensor([float(row[name]) for name in heads])
        whole[text] = float(row["whole"])
    return without - whole[:, None, None], whole


def cut_names() -> list[str]:
    """The sets of heads that were cut, in the order of the table."""
    return list(dict.fromkeys(str(row["cut"]) for row in stored(_CUTS)))


def cuts(name: str, instead: str = "zero") -> list[dict[str, float | str]]:
    """The rows of one set of heads, one for each draw. Raises ValueError if there are none."""
    return matching(_CUTS, f"no cut {name!r} with {instead!r} is", cut=name, instead=instead)


def plain_losses(row: dict[str, float | str]) -> Float[Tensor, " text"]:
    """The loss of each plain text in a row of `cuts`."""
    return torch.tensor([float(value) for key, value in row.items() if key.startswith("plain_")])


def plain_change(name: str, instead: str = "zero") -> Float[Tensor, "draw text"]:
    """By how many nats per token each plain text's loss rises with this cut, for each draw."""
    (whole,) = select(_CUTS, cut="none", instead="zero")
    return torch.stack([plain_losses(row) for row in cuts(name, instead)]) - plain_losses(whole)
