"""Exercise 15.5: the loss of BERT's task."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "15.5",
    minutes=8,
    atol=1e-5,
    hints=(
        "BERT's output at a place is a guess of the symbol at that very place: nothing is shifted, "
        "as it is for a GPT.",
        "-log P of the right symbol: logits.log_softmax(dim=-1), then .gather(-1, ids[..., None]).",
        "Only what was hidden counts: the mean over losses[hidden].",
    ),
)
def masked_loss(logits: torch.Tensor, ids: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """The mean loss of a model that guesses hidden symbols, in nats.

    The logits at a place are the model's guess of the symbol at that place, made from a
    text in which the hidden ones were replaced. Only hidden places count.

    logits: shape (batch, pos, vocab).
    ids: the text as it was before anything was hidden, int64, shape (batch, pos).
    hidden: True where a symbol was hidden, bool, shape (batch, pos); at least one is.
    Returns one number: the mean of -log P(right symbol) over all hidden places.
    """
    log_probs = logits.log_softmax(dim=-1)
    losses = -log_probs.gather(-1, ids[..., None])[..., 0]  # (batch, pos)
    return losses[hidden].mean()


@masked_loss.also_right
def _of_the_library(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return F.cross_entropy(logits[hidden], ids[hidden])


@masked_loss.also_right
def _others_ignored(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return F.cross_entropy(logits.transpose(1, 2), ids.masked_fill(~hidden, -100))


@masked_loss.also_right
def _place_by_place(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    losses = [
        logits[row, place].double().logsumexp(dim=0) - logits[row, place, ids[row, place]]
        for row, place in hidden.nonzero().tolist()
    ]
    return torch.stack(losses).mean().float()


def _losses(logits: Tensor, ids: Tensor) -> Tensor:
    return F.cross_entropy(logits.transpose(1, 2), ids, reduction="none")


@masked_loss.wrong(
    "Which places count? The hidden ones. The others the model can see: to copy them is no guess."
)
def _all_places(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return _losses(logits, ids).mean()


@masked_loss.wrong("Which places count? The hidden ones; these are all the others.")
def _the_seen_ones(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return _losses(logits, ids)[~hidden].mean()


@masked_loss.wrong(
    "Which symbol does the output at a place guess? The one at that place. This is a GPT's shift, to "
    "the next one."
)
def _shifted(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    losses = _losses(logits[:, :-1], ids[:, 1:])
    return losses[hidden[:, 1:]].mean()


@masked_loss.wrong(
    "By how many is the sum divided? By the number of hidden places, not by all of them."
)
def _divided_by_all(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return (_losses(logits, ids) * hidden).mean()


@masked_loss.wrong("Sum or mean? A loss must not grow with the number of places: take the mean.")
def _sum(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return _losses(logits, ids)[hidden].sum()


@masked_loss.wrong(
    "Does every row weigh the same? Every hidden place does. A mean for each row, and then their "
    "mean, gives places in rows with few of them more weight."
)
def _mean_of_means(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    sums, counts = (_losses(logits, ids) * hidden).sum(dim=1), hidden.sum(dim=1)
    kept = counts > 0
    return (sums[kept] / counts[kept]).mean()


@masked_loss.wrong("Which sign has a loss? log P is negative; the loss is -log P.")
def _sign_forgotten(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return -_losses(logits, ids)[hidden].mean()


@masked_loss.wrong(
    "What is P? The softmax over the vocabulary, the last axis. This one runs over the places."
)
def _softmax_over_places(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    log_probs = logits.log_softmax(dim=1)
    return -log_probs.gather(-1, ids[..., None])[..., 0][hidden].mean()


@masked_loss.wrong("Logits are no logarithms of probabilities yet: log_softmax is missing.")
def _raw_logits(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return -logits.gather(-1, ids[..., None])[..., 0][hidden].mean()


@masked_loss.wrong("In which unit? In nats, the natural logarithm; these are bits.")
def _in_bits(logits: Tensor, ids: Tensor, hidden: Tensor) -> Tensor:
    return _losses(logits, ids)[hidden].mean() / torch.tensor(2.0).log()


@masked_loss.inputs
def _guesses(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield (
        torch.tensor([[[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]]]),
        torch.tensor([[0, 0, 1]]),
        torch.tensor([[False, True, False]]),
    )
    for batch, pos, vocab in ((2, 5, 3), (4, 6, 2), (3, 4, 7), (4, 9, 5), (2, 12, 11)):
        for size in (1.0, 4.0):
            logits = torch.randn(batch, pos, vocab, generator=rng) * size
            ids = torch.randint(vocab, (batch, pos), generator=rng)
            hidden = torch.rand(batch, pos, generator=rng) < 0.35
            hidden[0, 1], hidden[-1, 1:4] = True, True
            yield logits, ids, hidden
