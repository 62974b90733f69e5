"""Exercise 04.7: back from the loss through the unembedding of a GPT."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.7",
    minutes=10,
    graded=False,
    atol=1e-5,  # p minus one-hot nearly cancels where the model is sure: float32 has to pass
    hints=(
        "First dC/dlogits: exercise 04.3, with a batch. Over how many predictions is the mean?",
        "Then logits = hidden @ embed.T is a linear layer without a bias: exercise 04.2. Each "
        "place of the batch uses the same embed, so their shares add up.",
        "d_logits = (logits.softmax(dim=-1) - F.one_hot(targets, vocab)) / targets.numel(); then "
        'd_logits @ embed, and torch.einsum("bpv,bpd->vd", d_logits, hidden).',
    ),
)
def unembedding_backward(
    hidden: torch.Tensor, embed: torch.Tensor, targets: torch.Tensor
) -> list[torch.Tensor]:
    """Back from the loss through the unembedding.

    Forward, a GPT computed logits = hidden @ embed.T, and C is the mean cross-entropy
    over all places of the batch.

    hidden: what the last layer norm gave, shape (batch, pos, d_model).
    embed: the embedding, shape (vocab, d_model).
    targets: the ids that really came, shape (batch, pos).
    Returns [dC/dhidden, dC/dembed], of the shapes (batch, pos, d_model) and
    (vocab, d_model).
    """
    logits = hidden @ embed.T
    d_logits = logits.softmax(dim=-1) - torch.eye(len(embed)).to(embed)[targets]
    d_logits = d_logits / targets.numel()  # the loss is a mean
    d_hidden = d_logits @ embed
    d_embed = d_logits.flatten(0, 1).T @ hidden.flatten(0, 1)  # adds up over batch and pos
    return [d_hidden, d_embed]


@unembedding_backward.also_right
def _autograd_of_the_loss(hidden: Tensor, embed: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
    with torch.enable_grad():
        leaves = [leaf.clone().requires_grad_() for leaf in (hidden, embed)]
        logits = leaves[0] @ leaves[1].T
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return torch.autograd.grad(loss, leaves)


@unembedding_backward.also_right
def _einsum(hidden: Tensor, embed: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
    d_logits = _slopes_of_logits(hidden, embed, targets)
    d_embed = torch.einsum("bpv,bpd->vd", d_logits, hidden)
    return torch.einsum("bpv,vd->bpd", d_logits, embed), d_embed


@unembedding_backward.also_right
def _place_by_place(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    d_hidden, d_embed = torch.zeros_like(hidden), torch.zeros_like(embed)
    for row in range(len(hidden)):
        for pos in range(hidden.shape[1]):
            slopes = (embed @ hidden[row, pos]).softmax(dim=0)
            slopes[targets[row, pos]] -= 1
            slopes /= targets.numel()
            d_hidden[row, pos] = slopes @ embed
            d_embed += torch.outer(slopes, hidden[row, pos])
    return [d_hidden, d_embed]


def _slopes_of_logits(hidden: Tensor, embed: Tensor, targets: Tensor) -> Tensor:
    one_hot = F.one_hot(targets, len(embed))
    return ((hidden @ embed.T).softmax(dim=-1) - one_hot) / targets.numel()


def _back(d_logits: Tensor, hidden: Tensor, embed: Tensor) -> list[Tensor]:
    """The right way on from dC/dlogits."""
    return [d_logits @ embed, torch.einsum("bpv,bpd->vd", d_logits, hidden)]


@unembedding_backward.wrong(
    "Sum or mean? The loss is the mean over all places, so each gets its share only."
)
def _not_divided(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    slopes = _slopes_of_logits(hidden, embed, targets) * targets.numel()
    return _back(slopes, hidden, embed)


@unembedding_backward.wrong(
    "Over how many predictions is the mean? There is one at each position of each text: batch "
    "times pos. This divides by the batch alone."
)
def _divided_by_the_batch(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    slopes = _slopes_of_logits(hidden, embed, targets) * targets.shape[1]
    return _back(slopes, hidden, embed)


@unembedding_backward.wrong(
    "Over how many predictions is the mean? There is one at each position of each text: batch "
    "times pos. This divides by the positions alone."
)
def _divided_by_the_positions(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    slopes = _slopes_of_logits(hidden, embed, targets) * targets.shape[0]
    return _back(slopes, hidden, embed)


@unembedding_backward.wrong(
    "What is the mean taken over? Over the places; the size of the vocabulary does not belong in "
    "it."
)
def _divided_by_the_vocabulary_too(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    slopes = _slopes_of_logits(hidden, embed, targets) / len(embed)
    return _back(slopes, hidden, embed)


@unembedding_backward.wrong(
    "Does a higher score for the target lower the loss? Then its slope is negative: p minus "
    "one-hot, not the other way round."
)
def _sign(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    return _back(-_slopes_of_logits(hidden, embed, targets), hidden, embed)


@unembedding_backward.wrong("Where do the targets come in? At each target, 1 is subtracted from p.")
def _no_targets(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    return _back((hidden @ embed.T).softmax(dim=-1) / targets.numel(), hidden, embed)


@unembedding_backward.wrong(
    "Along which axis do the probabilities add up to 1? Along the vocabulary, the last one; here "
    "they do along the positions."
)
def _softmax_over_positions(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    slopes = (hidden @ embed.T).softmax(dim=1) - F.one_hot(targets, len(embed))
    return _back(slopes / targets.numel(), hidden, embed)


@unembedding_backward.wrong(
    "Which shape has dC/dembed? That of embed, (vocab, d_model). All texts use the same one: add "
    "up over the batch, too."
)
def _batch_not_summed(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    slopes = _slopes_of_logits(hidden, embed, targets)
    return [slopes @ embed, slopes.mT @ hidden]


@unembedding_backward.wrong(
    "Which shape has dC/dembed? That of embed, (vocab, d_model); here it is transposed."
)
def _transposed(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    d_hidden, d_embed = _back(_slopes_of_logits(hidden, embed, targets), hidden, embed)
    return [d_hidden, d_embed.T]


@unembedding_backward.wrong(
    "How often is the loss's mean taken? Once, in dC/dlogits. dC/dembed then adds up over batch "
    "and positions; it does not average again."
)
def _averaged_again(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    d_hidden, d_embed = _back(_slopes_of_logits(hidden, embed, targets), hidden, embed)
    return [d_hidden, d_embed / targets.numel()]


@unembedding_backward.wrong(
    "What is multiplied by hidden to give dC/dembed? The gradient of the logits, not the logits."
)
def _logits_themselves(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    slopes = _slopes_of_logits(hidden, embed, targets)
    d_embed = torch.einsum("bpv,bpd->vd", hidden @ embed.T, hidden)
    return [slopes @ embed, d_embed]


@unembedding_backward.wrong("In which order are the two? First dC/dhidden, then dC/dembed.")
def _swapped(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    return _back(_slopes_of_logits(hidden, embed, targets), hidden, embed)[::-1]


@unembedding_backward.wrong(
    "What becomes of the texts of a batch? Their gradients add up: the mean over all positions is in "
    "the loss already. Here it is taken a second time."
)
def _embedding_averaged_over_the_texts(
    hidden: Tensor, embed: Tensor, targets: Tensor
) -> list[Tensor]:
    d = ((hidden @ embed.T).softmax(-1) - F.one_hot(targets, len(embed))) / targets.numel()
    return [d @ embed, (d.mT @ hidden).mean(dim=0)]


@unembedding_backward.wrong(
    "Which rows of the embedding get a gradient? All of them: the softmax gave every token a "
    "probability, and pushes the wrong ones away. Here only the targets' rows have one."
)
def _only_the_rows_of_the_targets(hidden: Tensor, embed: Tensor, targets: Tensor) -> list[Tensor]:
    right = F.one_hot(targets, len(embed)).to(hidden)
    d = ((hidden @ embed.T).softmax(-1) - right) / targets.numel()
    return [d @ embed, torch.einsum("bpv,bpd->vd", d * right, hidden)]


@unembedding_backward.inputs
def _hidden_vectors(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    yield torch.tensor([[[1.0, 2.0]]]), torch.eye(3)[:, :2], torch.tensor([[1]])
    sizes = ((2, 3, 5, 4), (3, 4, 7, 2), (1, 5, 3, 6), (4, 2, 9, 5), (5, 3, 6, 8))
    for batch, pos, vocab, d_model in sizes:
        for size in (0.1, 1.0, 2.0):
            hidden = torch.randn(batch, pos, d_model, generator=rng) * size
            embed = torch.randn(vocab, d_model, generator=rng)
            yield hidden, embed, torch.randint(vocab, (batch, pos), generator=rng)
