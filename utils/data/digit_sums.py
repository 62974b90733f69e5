"""Sums of numbers of so many digits, as token ids for a small GPT: an endless supply of them.

"0817+2345=26130": the answer has a digit more than the numbers and stands with the units first, so
that each digit can be worked out from what was read and the carry (Lee et al., arXiv:2307.03381).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

SYMBOLS = "0123456789+="
_PLUS, _EQUALS = SYMBOLS.index("+"), SYMBOLS.index("=")
_MOST = 9  # digits: sums are to fit int64 with room to spare


def digit_sums(count: int, digits: int, rng: torch.Generator) -> Int64[Tensor, "sum pos"]:
    """`count` random sums of two numbers below 10 ** digits, in 3 * digits + 3 symbols each."""
    if not 1 <= digits <= _MOST:
        raise ValueError(f"numbers of {digits} digits were asked for; give 1 to {_MOST}.")
    numbers = torch.randint(10**digits, (count, 2), generator=rng)
    first, second = (_digits(number, digits) for number in numbers.unbind(dim=1))
    answer = _digits(numbers.sum(dim=1), digits + 1).flip(1)
    plus, equals = (torch.full((count, 1), sign) for sign in (_PLUS, _EQUALS))
    return torch.cat([first, plus, second, equals, answer], dim=1)


def _digits(numbers: Int64[Tensor, " sum"], count: int) -> Int64[Tensor, "sum digit"]:
    """The decimal digits of each number, the highest first."""
    powers = 10 ** torch.arange(count - 1, -1, -1)
    return numbers[:, None] // powers % 10


def spelled(ids: Int64[Tensor, " pos"]) -> str:
    """A sum as people read it."""
    return "".join(SYMBOLS[id] for id in ids.tolist())


@dataclass(frozen=True)
class DigitSums:
    """Endless numbered batches of sums; only the answers are learned."""

    digits: int
    batch_size: int = 128
    seed: int = 0

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        ids = digit_sums(self.batch_size, self.digits, rng)
        learn = torch.arange(ids.shape[1]) > 2 * self.digits + 1
        return {"ids": ids, "learn": learn.expand_as(ids)}
