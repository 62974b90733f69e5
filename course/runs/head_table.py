"""The stored runs without some heads: made by benchmarks/head_ablations.py, which says what their
columns are.
"""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from course.runs.stored import matching, select, stored

_MAPS, _CUTS = "head_ablations.csv", "head_cuts.csv"
WAYS = ("zero", "mean")


def loss_changes(instead: str = "zero") -> Float[Tensor, "text layer head"]:
    """By how many nats per token the loss of each text rises without one head.

    `instead`: "zero" or "mean". Raises ValueError for others.
    """
    without, whole = _losses(instead)
    return without - whole[:, None, None]


@cache
def _losses(instead: str) -> tuple[Float[Tensor, "text layer head"], Float[Tensor, " text"]]:
    """The loss without each head, and with all."""
    rows = matching(_MAPS, f"no map with {instead!r} is", instead=instead)
    heads = [name for name in rows[0] if name.startswith("head_")]
    texts = sorted({int(row["text"]) for row in rows})
    n_layer = 1 + max(int(row["layer"]) for row in rows)
    without = torch.full((len(texts), n_layer, len(heads)), torch.nan)
    whole = torch.full((len(texts),), torch.nan)
    for row in rows:
        place = texts.index(int(row["text"])), int(row["layer"])
        without[place] = torch.tensor([float(row[name]) for name in heads])
        whole[place[0]] = float(row["whole"])
    return without, whole


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
