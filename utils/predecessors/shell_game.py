"""A task with a running state: a ball lies under the first of three cups, two cups are exchanged,
and again, and again. Where is the ball now?

    swap     AB BC AC
    ball at   B  C  A

Each swap is one symbol, and after each the model has to say where the ball is. It can do so with a
state of three values and one rule; looking one symbol up is of no use, as every swap counts and
their order does, too (tracking a state: Merrill et al., arXiv:2404.08819; parity: Hahn,
arXiv:1906.06755).
"""

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from utils.training.batches import Batch
from utils.training.losses import token_losses

CUPS = "ABC"
SWAPS = ("AB", "BC", "AC")
_AFTER = torch.tensor([[1, 0, 2], [0, 2, 1], [2, 1, 0]])  # [swap, ball before]: the ball after it

Games = Int64[Tensor, "game swap"]


def shell_games(games: int, swaps: int, rng: torch.Generator) -> Games:
    """Random games: each a row of swaps, 0 for AB, 1 for BC, 2 for AC."""
    return torch.randint(len(SWAPS), (games, swaps), generator=rng)


def ball_places(ids: Games) -> Games:
    """Where the ball lies after each swap, 0 for A; before the first it lies under A."""
    ball = torch.zeros(len(ids), dtype=torch.long)
    places = []
    for swap in ids.unbind(dim=1):
        ball = _AFTER[swap, ball]
        places.append(ball)
    return torch.stack(places, dim=1)


class ShellGames:
    """Endless numbered batches of such games, with where the ball is."""

    def __init__(self, swaps: int, batch_size: int = 64, seed: int = 0):
        self.swaps, self.batch_size, self.seed = swaps, batch_size, seed

    def __getitem__(self, number: int) -> Batch:
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        ids = shell_games(self.batch_size, self.swaps, rng)
        return {"ids": ids, "answers": ball_places(ids)}


def shell_game_loss(model: nn.Module, batch: Batch) -> tuple[Float[Tensor, ""], int]:
    """The sum of -log P(where the ball is) over all swaps, in nats, and how many there are."""
    losses = token_losses(model(batch["ids"]), batch["answers"])
    return losses.sum(), losses.numel()


@torch.no_grad()
def ball_found(model: nn.Module, ids: Games) -> Bool[Tensor, "game swap"]:
    """Whether the model's likeliest cup is the right one, after each swap."""
    right: Tensor = model(ids).argmax(dim=-1) == ball_places(ids)
    return right
