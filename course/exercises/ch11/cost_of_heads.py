"""Exercise 11.5: by how much the loss rises without each head."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "11.5",
    minutes=6,
    atol=1e-5,
    hints=(
        "Which row of the logits predicts token 1? Row 0. So the last row predicts nothing that is "
        "in the text, and token 0 is predicted by nobody.",
        "The loss is the mean of -log p of the right token: cross_entropy(logits[:-1], ids[1:]). "
        "For each head take the loss without it, minus the loss of the whole model.",
        "def loss(logits): return torch.nn.functional.cross_entropy(logits[:-1], ids[1:]); then "
        "torch.stack([loss(one) for one in without]) - loss(whole).",
    ),
)
def cost_of_heads(whole: torch.Tensor, without: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """By how much the loss of a text rises when each head is switched off.

    The loss is the mean cross-entropy over all tokens but the first, in nats: row i of
    the logits predicts token i + 1.

    whole: the logits of the whole model, shape (pos, vocab).
    without: the logits without one head each, shape (head, pos, vocab).
    ids: the tokens of the text, shape (pos,), two or more.
    Returns the change for each head, shape (head,): above 0 where the head is missed,
    below 0 where the text is predicted better without it.
    """

    def loss(logits: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(logits[:-1], ids[1:])

    return torch.stack([loss(logits) for logits in without]) - loss(whole)


@cost_of_heads.also_right
def _gathered_in_float64(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    both = torch.cat([whole[None], without])[:, :-1].double().log_softmax(dim=-1)
    right = ids[None, 1:, None].expand(len(both), -1, 1)
    losses = -both.gather(2, right).squeeze(2).mean(dim=1)
    return losses[1:] - losses[0]


@cost_of_heads.also_right
def _difference_for_each_token(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    places = torch.arange(len(ids) - 1)
    before = whole.log_softmax(dim=-1)[places, ids[1:]]
    after = without.log_softmax(dim=-1)[:, places, ids[1:]]
    return (before - after).mean(dim=1)


@cost_of_heads.also_right
def _axes_turned_for_cross_entropy(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    targets = ids[1:].expand(len(without), -1)
    losses = F.cross_entropy(without[:, :-1].transpose(1, 2), targets, reduction="none")
    return losses.mean(dim=1) - F.cross_entropy(whole[:-1], ids[1:])


def _loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Of each text, with any axes in front."""
    log_p = logits[..., :-1, :].log_softmax(dim=-1)
    right = ids[1:, None].expand(*log_p.shape[:-1], 1)
    return -log_p.gather(-1, right).squeeze(-1).mean(dim=-1)


@cost_of_heads.wrong(
    "Which is taken from which? A head that is missed has a change above 0: the loss without it, "
    "minus that of the whole model."
)
def _sign_turned(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    return _loss(whole, ids) - _loss(without, ids)


@cost_of_heads.wrong(
    "The loss, or its change? The loss of the whole model has to be taken away from each."
)
def _no_difference(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    return _loss(without, ids)


@cost_of_heads.wrong(
    "Which token does row i predict? The next one, i + 1. Here it is asked for token i, which it has "
    "just read."
)
def _not_shifted(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    def loss(logits: Tensor) -> Tensor:
        return F.cross_entropy(logits, ids)

    return torch.stack([loss(one) for one in without]) - loss(whole)


@cost_of_heads.wrong(
    "Is it shifted the right way? logits[1:] with ids[:-1] asks each row for the token *before* its "
    "own."
)
def _shifted_backward(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    def loss(logits: Tensor) -> Tensor:
        return F.cross_entropy(logits[1:], ids[:-1])

    return torch.stack([loss(one) for one in without]) - loss(whole)


@cost_of_heads.wrong(
    "All tokens, or the last one? The loss of a text is the mean over every token that is predicted."
)
def _last_token_only(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    before, after = whole[-2].log_softmax(dim=-1), without[:, -2].log_softmax(dim=-1)
    return before[ids[-1]] - after[:, ids[-1]]


@cost_of_heads.wrong(
    "Sum or mean? A loss per token does not grow with the length of the text: take the mean."
)
def _sum_over_the_tokens(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    return (_loss(without, ids) - _loss(whole, ids)) * (len(ids) - 1)


@cost_of_heads.wrong(
    "Is a head that does harm left at 0, or turned into one that helps? The change may be negative: "
    "do not take abs."
)
def _absolute(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    return (_loss(without, ids) - _loss(whole, ids)).abs()


@cost_of_heads.wrong(
    "Difference or ratio? Subtract the loss of the whole model; here it is divided by it."
)
def _ratio(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    return _loss(without, ids) / _loss(whole, ids) - 1


@cost_of_heads.wrong(
    "One number, or one for each head? All logits went into one mean here; the heads stay apart."
)
def _mean_of_all_heads(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    return (_loss(without, ids) - _loss(whole, ids)).mean()


@cost_of_heads.wrong(
    "Logits or probabilities? cross_entropy does the softmax by itself; here it was done twice."
)
def _softmax_twice(whole: Tensor, without: Tensor, ids: Tensor) -> Tensor:
    return _loss(without.softmax(dim=-1), ids) - _loss(whole.softmax(dim=-1), ids)


@cost_of_heads.inputs
def _logits(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield torch.zeros(2, 2), torch.tensor([[[0.0, 1.0], [0.0, 0.0]]]), torch.tensor([0, 1])
    for heads, pos, vocab in ((2, 3, 5), (3, 2, 4), (1, 6, 3), (4, 5, 7), (9, 12, 30)):
        for size in (1.0, 8.0):
            whole = size * torch.randn(pos, vocab, generator=rng)
            without = whole + 0.5 * size * torch.randn(heads, pos, vocab, generator=rng)
            yield whole, without, torch.randint(vocab, (pos,), generator=rng)
