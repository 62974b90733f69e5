"""How often a model finds the right one of two texts likelier."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from utils.data.choice_pairs import ChoicePair
from utils.model.gpt import GPT
from utils.training.losses import token_losses
from utils.training.small_reader import Reading


def log_probabilities(
    model: GPT, text: Reading, pairs: Sequence[ChoicePair]
) -> Float[Tensor, "pair 2"]:
    """For each pair the log probability in nats of the right word, and of the wrong one, each with
    what comes after, given what stands before.

    ValueError if the words of a pair differ in length, or the pairs in what stands around them.
    """
    lengths = {(len(one.before), len(one.after)) for one in pairs}
    if len(lengths) != 1 or any(len(one.right) != len(one.wrong) for one in pairs):
        raise ValueError(
            "the words of a pair are to have the same number of characters, and all pairs the same "
            f"number before and after them; here those are {sorted(lengths)}."
        )
    columns = [
        torch.stack([_log_probability(model, text, one, word) for one in pairs])
        for word in ("right", "wrong")
    ]
    return torch.stack(columns, dim=1)


def share_right(model: GPT, text: Reading, pairs: Sequence[ChoicePair]) -> float:
    """The share of the pairs whose right word is the likelier; two that are equal count half."""
    right, wrong = log_probabilities(model, text, pairs).unbind(dim=1)
    return float(((right > wrong).double() + 0.5 * (right == wrong).double()).mean())


def _log_probability(model: GPT, text: Reading, pair: ChoicePair, word: str) -> Tensor:
    ids = torch.tensor([text.encode(pair.before + getattr(pair, word) + pair.after)])
    with torch.no_grad():
        losses = token_losses(model(ids[:, :-1]), ids[:, 1:])[0]
    return -losses[len(pair.before) - 1 :].sum()
