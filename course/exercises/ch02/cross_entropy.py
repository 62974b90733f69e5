"""Exercise 02.1: the mean loss of a text, in a way that does not break."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "02.1",
    minutes=10,
    hints=(
        "Write the logarithm out first: -log P(target) = log(sum of all powers) - (score of the "
        "target). No division.",
        "Only the logarithm of the sum is in danger. torch.logsumexp(logits, dim=-1) computes it "
        "without overflow, one number for each position; or subtract the row's maximum before exp, "
        "and add it again after the log.",
        "The targets' scores are logits[torch.arange(len(targets)), targets]. Subtract them, then "
        "take the mean.",
    ),
)
def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean loss of a text, in a way that does not break.

    logits: scores, shape (pos, vocab). They may be as large as 1000, as low as -1000,
        and far apart.
    targets: the ids that really came, shape (pos,).
    Returns the mean over the positions of -log P(target), natural logarithm: a tensor
    with one number, shape ().
    """
    of_targets = logits[torch.arange(len(targets)), targets]  # (pos,)
    return (logits.logsumexp(dim=-1) - of_targets).mean()


@cross_entropy.also_right
def _library(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, targets)


@cross_entropy.also_right
def _loop_in_float64(logits: Tensor, targets: Tensor) -> float:
    total = 0.0
    for scores, target in zip(logits.tolist(), targets.tolist(), strict=True):
        largest = max(scores)
        total += (
            largest + math.log(sum(math.exp(score - largest) for score in scores)) - scores[target]
        )
    return total / len(targets)


@cross_entropy.also_right
def _one_hot(logits: Tensor, targets: Tensor) -> Tensor:
    chosen = F.one_hot(targets, logits.shape[-1]).to(logits.dtype)
    return -torch.einsum("pv,pv->p", logits.log_softmax(dim=-1), chosen).mean()


@cross_entropy.also_right
def _gathered(logits: Tensor, targets: Tensor) -> Tensor:
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    log_p = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -log_p.gather(1, targets[:, None]).mean()


def _token_losses(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, targets, reduction="none")


@cross_entropy.wrong(
    "What is exp of a large score? It is infinite. Subtract each row's maximum before exp."
)
def _unstable(logits: Tensor, targets: Tensor) -> Tensor:
    powers = logits.exp()
    p = powers / powers.sum(dim=-1, keepdim=True)
    return -p[torch.arange(len(targets)), targets].log().mean()


@cross_entropy.wrong(
    "What is the logarithm of a probability that was rounded to 0? The softmax is stable, but log "
    "after it is not: subtract logarithms instead of taking the logarithm of a quotient."
)
def _softmax_then_log(logits: Tensor, targets: Tensor) -> Tensor:
    return -logits.softmax(dim=-1)[torch.arange(len(targets)), targets].log().mean()


@cross_entropy.wrong(
    "Does a tiny number added inside the logarithm help? It hides the worst mistakes: no loss is "
    "larger than its logarithm then. Subtract logarithms instead."
)
def _small_number_added(logits: Tensor, targets: Tensor) -> Tensor:
    return -(logits.softmax(dim=-1)[torch.arange(len(targets)), targets] + 1e-8).log().mean()


@cross_entropy.wrong(
    "Whose maximum do you subtract? Rows that lie far below the others vanish: take each row's own."
)
def _global_maximum(logits: Tensor, targets: Tensor) -> Tensor:
    shifted = logits - logits.max()
    log_p = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -log_p[torch.arange(len(targets)), targets].mean()


@cross_entropy.wrong(
    "Sum or mean? The loss is the mean over the positions, so that long texts can be compared with "
    "short."
)
def _sum(logits: Tensor, targets: Tensor) -> Tensor:
    return _token_losses(logits, targets).sum()


@cross_entropy.wrong(
    "One number, or one for each position? The mean over the positions is missing."
)
def _no_mean(logits: Tensor, targets: Tensor) -> Tensor:
    return _token_losses(logits, targets)


@cross_entropy.wrong(
    "Is the mean taken over the positions? This divides by the size of the vocabulary too, or "
    "instead."
)
def _mean_over_the_vocabulary(logits: Tensor, targets: Tensor) -> Tensor:
    return _token_losses(logits, targets).sum() / logits.numel()


@cross_entropy.wrong(
    "Which logarithm is it? This one has base 2 and counts bits. The loss has the natural one: "
    "nats."
)
def _base_two(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, targets) / math.log(2)


@cross_entropy.wrong(
    "Can a loss be negative? The logarithm of a probability is never above 0, so the minus is "
    "missing."
)
def _no_minus(logits: Tensor, targets: Tensor) -> Tensor:
    return -F.cross_entropy(logits, targets)


@cross_entropy.wrong(
    "Along which axis do the probabilities add up to 1? Along the vocabulary, which is the last "
    "one."
)
def _wrong_axis(logits: Tensor, targets: Tensor) -> Tensor:
    return -logits.log_softmax(dim=0)[torch.arange(len(targets)), targets].mean()


@cross_entropy.wrong(
    "What is averaged? The losses: first the logarithm at each position, then the mean."
)
def _log_of_the_mean(logits: Tensor, targets: Tensor) -> Tensor:
    log_p = -_token_losses(logits, targets)
    return math.log(len(targets)) - log_p.logsumexp(dim=0)


@cross_entropy.wrong(
    "Whose probability counts? That of the target. This takes the model's own favourite each time."
)
def _favourite(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits, logits.argmax(dim=-1))


@cross_entropy.wrong(
    "Which numbers does log_probabilities[:, targets] pick? Every target at every position. One of "
    "each pair: row by row, as gather or [arange, targets] does."
)
def _every_target_at_every_position(logits: Tensor, targets: Tensor) -> Tensor:
    return -logits.log_softmax(dim=-1)[:, targets].mean()


@cross_entropy.inputs
def _scores_and_targets(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), torch.tensor([1, 0])
    yield torch.zeros(3, 4), torch.tensor([3, 0, 1])  # knows nothing
    for pos, vocab in ((1, 5), (4, 2), (3, 7), (5, 5), (8, 3), (2, 50)):
        for size, offset in ((1.0, 0.0), (3.0, 20.0), (0.01, -5.0)):
            targets = torch.randint(vocab, (pos,), generator=rng)
            yield torch.randn(pos, vocab, generator=rng) * size + offset, targets
    for offset in (1000.0, -1000.0):
        yield torch.randn(3, 5, generator=rng) + offset, torch.randint(5, (3,), generator=rng)
    far_apart = torch.tensor([[500.0], [-300.0], [0.0], [-700.0]])  # rows
    yield torch.randn(4, 6, generator=rng) + far_apart, torch.randint(6, (4,), generator=rng)
    # sure, and wrong
    yield torch.tensor([[0.0, 200.0, 3.0], [1.0, 2.0, 3.0]]), torch.tensor([0, 2])
