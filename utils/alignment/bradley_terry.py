"""From rankings to numbers: the score of each of a few replies, so that what was preferred becomes
likely.

Bradley & Terry 1952: a is preferred to b with the chance sigmoid(score of a - score of b). For many
replies that are never seen again one trains a reward model instead, see `reward_model`.
"""

from collections.abc import Sequence
from itertools import combinations

import torch
from jaxtyping import Float
from torch import Tensor

from utils.alignment.reward_model import bradley_terry_loss


def fit_scores(
    rankings: Sequence[Sequence[int]], n: int, steps: int = 400
) -> Float[Tensor, " reply"]:
    """The scores of `n` replies, from rankings of some or all of them, the best first. Their mean
    is 0.

    The likeliest scores, where there are such: those of two replies that all raters order alike
    drift apart for ever, and are as far as `steps` of Adam have brought them. Raises ValueError if
    no ranking has two replies.
    """
    pairs = [pair for ranking in rankings for pair in combinations(ranking, 2)]
    if not pairs:
        raise ValueError(
            f"{len(rankings)} rankings with less than two replies each were given: nothing is "
            "compared."
        )
    chosen, rejected = torch.tensor(pairs).T
    scores = torch.zeros(n, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=0.1)
    with torch.enable_grad():
        for _ in range(steps):
            optimizer.zero_grad()
            bradley_terry_loss(scores[chosen], scores[rejected]).backward()
            optimizer.step()
    return scores.detach() - scores.detach().mean()
