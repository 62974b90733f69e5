"""Exercise 21.5: the gradient of a batch that does not fit, from its parts."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise

Parts = list[Tensor]


@exercise(
    "21.5",
    minutes=12,
    hints=(
        "A part's share in the mean is as large as its number of written tokens. What must each "
        "part be divided by, so that the sum of all of them is the mean over all tokens?",
        "First count the written tokens of all parts: total = sum(int(mask.sum()) for mask in "
        "written). Then the loss of a part is the *sum* of its tokens' losses / total, and gradients "
        "add up.",
        "For each part: log_p = (hidden @ W).log_softmax(dim=-1), take the chosen tokens with "
        "gather(1, ids[:, None])[:, 0], loss = -(advantage * log_p)[written].sum() / total, and "
        "gradient += torch.autograd.grad(loss, W)[0]. W = weight.clone().requires_grad_().",
    ),
)
def accumulate(
    weight: torch.Tensor,
    hidden: list[torch.Tensor],
    ids: list[torch.Tensor],
    advantages: list[torch.Tensor],
    written: list[torch.Tensor],
) -> torch.Tensor:
    """The gradient of a batch that does not fit into memory, from its parts.

    A batch comes in microbatches, one after the other. The loss of a token is -advantage *
    log P(token), and P is the softmax of hidden @ weight. The loss of the batch is the mean over
    all tokens of all microbatches that the model wrote: each weighs the same, in whatever
    microbatch it stands. It may also be that nothing was written in one of them.

    weight: the last layer, shape (d_model, vocab).
    hidden: for each microbatch what goes into it, a list of tensors of shape (token, d_model).
    ids: the tokens that came, a list of tensors of shape (token,).
    advantages: one for each token, a list of tensors of shape (token,).
    written: True where the model wrote the token, a list of tensors of shape (token,).
    Returns the gradient of the batch's loss with respect to weight, shape (d_model, vocab).
    """
    W = weight.clone().requires_grad_()
    total = sum(int(mask.sum()) for mask in written)
    gradient = torch.zeros_like(weight)
    for h, chosen, advantage, mask in zip(hidden, ids, advantages, written, strict=True):
        log_p = (h @ W).log_softmax(dim=-1).gather(1, chosen[:, None])[:, 0]  # (token,)
        loss = -(advantage * log_p)[mask].sum() / total
        gradient += torch.autograd.grad(loss, W)[0]
    return gradient


@accumulate.also_right
def _backward_adds_up(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    W = weight.detach().clone().requires_grad_()
    total = torch.cat(written).sum()
    for part in range(len(hidden)):
        losses = F.cross_entropy(hidden[part] @ W, ids[part], reduction="none")
        (losses * advantages[part] * written[part] / total).sum().backward()
    assert W.grad is not None
    return W.grad


@accumulate.also_right
def _divided_at_the_end(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    # the gradient of -log p by hand: (softmax - one-hot)
    total, count = torch.zeros_like(weight), 0
    for h, chosen, advantage, mask in zip(hidden, ids, advantages, written, strict=True):
        errors = (h @ weight).softmax(dim=-1) - F.one_hot(chosen, weight.shape[1])
        total = total + h[mask].T @ (errors * advantage[:, None])[mask]
        count += int(mask.sum())
    return total / count


@accumulate.also_right
def _means_weighted_by_tokens(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    gradients = _sums(weight, hidden, ids, advantages, written)
    counts = [int(mask.sum()) for mask in written]
    shares = [count / sum(counts) for count in counts]
    means = [one / max(count, 1) for one, count in zip(gradients, counts, strict=True)]
    return torch.stack([s * one for s, one in zip(shares, means, strict=True)]).sum(dim=0)


def _sums(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> list[Tensor]:
    """For each microbatch the gradient of the summed loss of its written tokens."""
    found = []
    for h, chosen, advantage, mask in zip(hidden, ids, advantages, written, strict=True):
        W = weight.clone().requires_grad_()
        losses = F.cross_entropy(h @ W, chosen, reduction="none") * advantage
        found.append(torch.autograd.grad(losses[mask].sum(), W)[0])
    return found


def _counts(written: Parts) -> list[int]:
    return [int(mask.sum()) for mask in written]


def _added(gradients: list[Tensor]) -> Tensor:
    return torch.stack(gradients).sum(dim=0)


@accumulate.wrong(
    "Does each microbatch weigh the same? Not if one has more written tokens than another: a mean of "
    "means lets the tokens of a small one weigh more. Divide each sum by the tokens of all."
)
def _mean_of_means(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    gradients = _sums(weight, hidden, ids, advantages, written)
    counts = _counts(written)
    means = [one / max(count, 1) for one, count in zip(gradients, counts, strict=True)]
    return _added(means) / len(means)


@accumulate.wrong(
    "Is what you add up already the mean? Each microbatch gives its own mean here, and the sum of "
    "these grows with their number."
)
def _means_added_up(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    gradients = _sums(weight, hidden, ids, advantages, written)
    counts = _counts(written)
    return _added([one / max(count, 1) for one, count in zip(gradients, counts, strict=True)])


@accumulate.wrong(
    "A sum or a mean? A mean: with the sum, a larger batch takes larger steps. Divide by the number of "
    "written tokens."
)
def _not_divided(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    return _added(_sums(weight, hidden, ids, advantages, written))


@accumulate.wrong(
    "By what is the sum divided? By the written tokens of all microbatches, not by how many "
    "microbatches there are."
)
def _divided_by_the_parts(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    return _added(_sums(weight, hidden, ids, advantages, written)) / len(written)


@accumulate.wrong(
    "What becomes of the earlier microbatches? Only the last one is left: something sets the gradient "
    "to 0 in between, or replaces it."
)
def _zeroed_between(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    return _sums(weight, hidden, ids, advantages, written)[-1] / sum(_counts(written))


@accumulate.wrong(
    "What is a mean over no token? 0 / 0. A microbatch in which nothing was written adds 0; it must "
    "not make all others NaN."
)
def _nan_of_an_empty_part(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    gradients = _sums(weight, hidden, ids, advantages, written)
    counts = _counts(written)
    shares = [torch.tensor(count / sum(counts)) for count in counts]
    means = [one / count for one, count in zip(gradients, torch.tensor(counts), strict=True)]
    return _added([share * one for share, one in zip(shares, means, strict=True)])


@accumulate.wrong(
    "Which tokens are learned? Those that the model wrote. Here the prompts and the padding are "
    "learned, too."
)
def _all_tokens(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    everywhere = [torch.ones_like(mask) for mask in written]
    return accumulate.reference(weight, hidden, ids, advantages, everywhere)


@accumulate.wrong(
    "How many tokens is it a mean over? Over those that were written. Here the others are counted, "
    "although they add nothing to the sum."
)
def _divided_by_all_tokens(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    return _added(_sums(weight, hidden, ids, advantages, written)) / sum(map(len, written))


@accumulate.wrong(
    "Are good and bad tokens treated alike? The advantage says which is which: it is a factor of the "
    "loss of each token, and missing here."
)
def _without_advantages(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    ones = [torch.ones_like(each) for each in advantages]
    return accumulate.reference(weight, hidden, ids, ones, written)


@accumulate.wrong(
    "Downhill or uphill? The loss is -advantage * log P: to lower it makes good tokens likelier. Here "
    "the sign is turned round."
)
def _sign(weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts) -> Tensor:
    return -accumulate.reference(weight, hidden, ids, advantages, written)


@accumulate.wrong(
    "Is a step taken in between? No: all microbatches see the same weight. Here each one sees what the "
    "one before it has changed."
)
def _steps_between(
    weight: Tensor, hidden: Parts, ids: Parts, advantages: Parts, written: Parts
) -> Tensor:
    total, moving = sum(_counts(written)), weight.clone()
    gradient = torch.zeros_like(weight)
    for part in zip(hidden, ids, advantages, written, strict=True):
        one = _sums(moving, *([each] for each in part))[0] / total
        gradient, moving = gradient + one, moving - one
    return gradient


@accumulate.inputs
def _microbatches(rng: torch.Generator) -> Iterator[tuple[Tensor, Parts, Parts, Parts, Parts]]:
    shapes = (
        (2, 3, [3, 2]),
        (3, 4, [5, 2, 4]),
        (4, 6, [1, 7]),
        (5, 3, [4, 4, 4]),
        (3, 7, [2, 6, 3, 5]),
        (6, 5, [8, 3]),
        (2, 9, [6, 1, 9]),
        (4, 5, [3, 10, 2]),
        (7, 4, [5, 5]),
        (3, 5, [9, 4, 1, 6]),
        (5, 8, [12, 7, 3]),
    )
    for number, (d_model, vocab, sizes) in enumerate(shapes):
        weight = torch.randn(d_model, vocab, generator=rng)
        hidden = [torch.randn(size, d_model, generator=rng) for size in sizes]
        ids = [torch.randint(0, vocab, (size,), generator=rng) for size in sizes]
        advantages = [
            torch.randn(size, generator=rng) * (1.0, 5.0, 0.2)[number % 3] for size in sizes
        ]
        written = [torch.rand(size, generator=rng) < 0.6 for size in sizes]
        written[0][0] = True
        if number % 3 == 1:
            written[1] = torch.zeros_like(written[1])  # nobody wrote anything here
        yield weight, hidden, ids, advantages, written
