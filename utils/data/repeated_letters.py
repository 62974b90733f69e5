"""Random letters that come again: a task for whoever finds where a letter stood before."""

import torch
from jaxtyping import Int64
from torch import Tensor

LETTERS = 26
PERIODS = (6, 25)  # from, and below which


def copied_letters(seed: int, rows: int, length: int = 48) -> Int64[Tensor, "row pos"]:
    """Random letters as ids below LETTERS, in each row a few that come again and again.

    How many they are, 6 to 24, is drawn for each row.
    """
    rng = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(rows):
        period = int(torch.randint(*PERIODS, (1,), generator=rng))
        letters = torch.randint(LETTERS, (period,), generator=rng)
        found.append(letters.repeat(length // period + 1)[:length])
    return torch.stack(found)
