"""Exercise 04.3: the gradient of the mean cross-entropy, with respect to the logits."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.3",
    minutes=10,
    hints=(
        "For one position the gradient is short: what the model says, minus what it should have "
        "said.",
        "That is the softmax of its row, minus 1 at the target. The loss is a mean over the "
        "positions: what does each position's gradient get from that?",
        "p = torch.softmax(logits, dim=-1), which is stable. Subtract 1 at "
        "p[torch.arange(len(targets)), targets], then divide everything by len(targets).",
    ),
)
def softmax_cross_entropy_grad(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The gradient of the mean cross-entropy, with respect to the logits.

    logits: scores, shape (pos, vocab). They may be as large as 1000, as low as -1000,
    and far apart.
    targets: the ids that really came, shape (pos,).
    Returns d loss / d logits, shape (pos, vocab); the loss is the mean over the
    positions of -log P(target).
    """
    gradient = torch.softmax(logits, dim=-1)
    # what was said minus what should have been said
    gradient[torch.arange(len(targets)), targets] -= 1.0
    return gradient / len(targets)


@softmax_cross_entropy_grad.also_right
def _autograd_of_the_loss(logits: Tensor, targets: Tensor) -> Tensor:
    with torch.enable_grad():
        leaf = logits.double().requires_grad_()
        return torch.autograd.grad(F.cross_entropy(leaf, targets), leaf)[0]


@softmax_cross_entropy_grad.also_right
def _one_hot_subtracted(logits: Tensor, targets: Tensor) -> Tensor:
    powers = (logits - logits.amax(dim=-1, keepdim=True)).exp()
    p = powers / powers.sum(dim=-1, keepdim=True)
    return (p - F.one_hot(targets, logits.shape[-1])) / logits.shape[0]


@softmax_cross_entropy_grad.also_right
def _score_by_score(logits: Tensor, targets: Tensor) -> Tensor:
    rows = []
    for scores, target in zip(logits.tolist(), targets.tolist(), strict=True):
        powers = [math.exp(score - max(scores)) for score in scores]
        p = [power / sum(powers) for power in powers]
        rows.append([(value - (place == target)) / len(targets) for place, value in enumerate(p)])
    return torch.tensor(rows, dtype=torch.float64)


@softmax_cross_entropy_grad.also_right
def _through_the_log_softmax(logits: Tensor, targets: Tensor) -> Tensor:
    # of the mean's minus
    upstream = torch.zeros_like(logits).scatter_(1, targets[:, None], -1 / len(targets))
    return upstream - logits.log_softmax(dim=-1).exp() * upstream.sum(dim=-1, keepdim=True)


def _one_hot(logits: Tensor, targets: Tensor) -> Tensor:
    return F.one_hot(targets, logits.shape[-1]).to(logits.dtype)


def _said_minus_true(logits: Tensor, targets: Tensor) -> Tensor:
    """p minus one-hot, not yet divided."""
    return logits.softmax(dim=-1) - _one_hot(logits, targets)


@softmax_cross_entropy_grad.wrong(
    "Sum or mean? The loss is the mean over the positions, so each gets its share only."
)
def _not_divided(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets)


@softmax_cross_entropy_grad.wrong(
    "What is the mean taken over? Over the positions alone; the size of the vocabulary does not "
    "belong in it."
)
def _divided_by_everything(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets) / logits.numel()


@softmax_cross_entropy_grad.wrong(
    "What is the number of positions? The length of the first axis; this divides by that of the "
    "last."
)
def _divided_by_the_vocabulary(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets) / logits.shape[-1]


@softmax_cross_entropy_grad.wrong(
    "Does a higher score for the target lower the loss? Then its slope is negative: p minus 1, not "
    "the other way round."
)
def _true_minus_said(logits: Tensor, targets: Tensor) -> Tensor:
    return -_said_minus_true(logits, targets) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Where do the targets come in? From p at each target, 1 is subtracted."
)
def _no_targets(logits: Tensor, targets: Tensor) -> Tensor:
    return logits.softmax(dim=-1) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Is anything pushed down at the target? 1 is subtracted there, not added."
)
def _added_at_the_targets(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits.softmax(dim=-1) + _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Do the other scores have a gradient? Raising one of them takes probability from the target: "
    "theirs is p."
)
def _only_at_the_targets(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, targets) * _one_hot(logits, targets) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Along which axis do the probabilities add up to 1? Along the vocabulary, which is the last "
    "one."
)
def _columns(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits.softmax(dim=0) - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "What is exp of a large score, or of a very low one? Subtract the largest score of each row "
    "first."
)
def _unstable(logits: Tensor, targets: Tensor) -> Tensor:
    powers = logits.exp()
    return (powers / powers.sum(dim=-1, keepdim=True) - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Whose maximum do you subtract? With that of the whole table, the powers of a low row are 0: "
    "take each row's own."
)
def _global_maximum(logits: Tensor, targets: Tensor) -> Tensor:
    powers = (logits - logits.max()).exp()
    return (powers / powers.sum(dim=-1, keepdim=True) - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "How often does the slope of the softmax count? p minus one-hot contains it already; p (1 - p) "
    "is once too often."
)
def _slope_of_the_softmax_again(logits: Tensor, targets: Tensor) -> Tensor:
    p = logits.softmax(dim=-1)
    return (p - _one_hot(logits, targets)) * p * (1 - p) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "What is subtracted at the target: 1, or the target's number? An id is only a name; subtract 1."
)
def _id_subtracted(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits.softmax(dim=-1) - _one_hot(logits, targets) * targets[:, None]) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Where is the softmax? What the model says are its probabilities, not its scores: use p, not "
    "the logits."
)
def _no_softmax(logits: Tensor, targets: Tensor) -> Tensor:
    return (logits - _one_hot(logits, targets)) / len(targets)


@softmax_cross_entropy_grad.wrong(
    "Whose word counts? Subtract 1 at the target, not at the model's own favourite."
)
def _at_the_favourite(logits: Tensor, targets: Tensor) -> Tensor:
    return _said_minus_true(logits, logits.argmax(dim=-1)) / len(targets)


@softmax_cross_entropy_grad.inputs
def _scores_and_targets(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), torch.tensor([1, 0])
    yield torch.zeros(3, 4), torch.tensor([3, 0, 1])  # knows nothing
    for pos, vocab in ((1, 5), (4, 2), (3, 7), (5, 5), (8, 3), (2, 50)):
        for size, offset in ((1.0, 0.0), (3.0, 20.0), (0.01, -5.0)):
            yield (
                torch.randn(pos, vocab, generator=rng) * size + offset,
                torch.randint(vocab, (pos,), generator=rng),
            )
    for offset in (1000.0, -1000.0):
        yield torch.randn(3, 5, generator=rng) + offset, torch.randint(5, (3,), generator=rng)
    far_apart = torch.tensor([[1000.0], [-50.0], [0.0], [-1000.0]])  # rows
    yield torch.randn(4, 6, generator=rng) + far_apart, torch.randint(6, (4,), generator=rng)
    # sure, and wrong
    yield torch.tensor([[0.0, 800.0, 3.0], [1.0, 2.0, 3.0]]), torch.tensor([0, 2])
