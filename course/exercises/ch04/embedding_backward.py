"""Exercise 04.10: back into the embeddings of a GPT, where the way back ends."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.10",
    minutes=8,
    graded=False,
    hints=(
        "Which places of the batch does one row of embed reach? All those where its token stands. "
        "And one row of position_embed?",
        "Begin with zeros, and add: a token that stands at two places collects both gradients. A "
        "position is used once in each text, so its gradient is a sum over the batch.",
        "torch.zeros(vocab_size, d_model).index_add_(0, ids.flatten(), d_x0.flatten(0, 1)), or "
        "two loops with +=. d_x0.sum(dim=0) for the positions.",
    ),
)
def embedding_backward(
    ids: torch.Tensor, d_x0: torch.Tensor, vocab_size: int
) -> list[torch.Tensor]:
    """Back into the embeddings, where the way back ends.

    Forward, a GPT computed x0 = embed[ids] + position_embed[:pos].

    ids: the tokens, shape (batch, pos). A token may come several times.
    d_x0: dC/dx0, shape (batch, pos, d_model).
    vocab_size: how many rows embed has.
    Returns [dC/dembed, dC/dposition_embed[:pos]], of the shapes (vocab_size, d_model)
    and (pos, d_model).
    """
    d_embed = torch.zeros(vocab_size, d_x0.shape[-1]).to(d_x0)
    d_embed.index_add_(0, ids.flatten(), d_x0.flatten(0, 1))
    return [d_embed, d_x0.sum(dim=0)]


@embedding_backward.also_right
def _autograd_of_the_lookup(ids: Tensor, d_x0: Tensor, vocab_size: int) -> tuple[Tensor, ...]:
    with torch.enable_grad():
        embed = torch.zeros(vocab_size, d_x0.shape[-1], dtype=d_x0.dtype, requires_grad=True)
        positions = torch.zeros_like(d_x0[0], requires_grad=True)
        return torch.autograd.grad(F.embedding(ids, embed) + positions, (embed, positions), d_x0)


@embedding_backward.also_right
def _product_with_one_hot(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    one_hot = F.one_hot(ids, vocab_size).to(d_x0)
    return [torch.einsum("bpv,bpd->vd", one_hot, d_x0), torch.einsum("bpd->pd", d_x0)]


@embedding_backward.also_right
def _two_loops(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    d_embed = torch.zeros(vocab_size, d_x0.shape[2], dtype=d_x0.dtype)
    d_position = torch.zeros_like(d_x0[0])
    for row, text in enumerate(ids.tolist()):
        for pos, token in enumerate(text):
            d_embed[token] += d_x0[row, pos]
            d_position[pos] += d_x0[row, pos]
    return [d_embed, d_position]


def _right(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    right: list[Tensor] = embedding_backward.reference(ids, d_x0, vocab_size)
    return right


def _times_seen(ids: Tensor, vocab_size: int) -> Tensor:
    return torch.bincount(ids.flatten(), minlength=vocab_size).clamp(min=1)[:, None]


@embedding_backward.wrong(
    "What happens to a token that stands at two places? It collects both gradients. Here the last "
    "one overwrites the others; d_embed[ids] += d_x0 does so, too: it reads all rows before it "
    "writes any."
)
def _overwritten(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    d_embed, d_position = _right(ids, d_x0, vocab_size)
    for token, gradient in zip(ids.flatten().tolist(), d_x0.flatten(0, 1), strict=True):
        d_embed[token] = gradient
    return [d_embed, d_position]


@embedding_backward.wrong(
    "Is a token that comes often averaged? Each of its places has its full effect: add them up."
)
def _averaged_for_each_token(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    d_embed, d_position = _right(ids, d_x0, vocab_size)
    return [d_embed / _times_seen(ids, vocab_size), d_position]


@embedding_backward.wrong(
    "Do tokens that come often count twice? Adding up their places is enough; do not multiply by "
    "their number as well."
)
def _multiplied_by_the_count(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    d_embed, d_position = _right(ids, d_x0, vocab_size)
    return [d_embed * _times_seen(ids, vocab_size), d_position]


@embedding_backward.wrong(
    "Sum or mean, for a position? It is used once in each text, with full effect: add up over the "
    "batch."
)
def _positions_averaged(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    return [_right(ids, d_x0, vocab_size)[0], d_x0.mean(dim=0)]


@embedding_backward.wrong(
    "Which shape has the gradient of the positions? (pos, d_model): all texts of the batch share "
    "them, so add up over the batch."
)
def _positions_not_summed(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    return [_right(ids, d_x0, vocab_size)[0], d_x0]


@embedding_backward.wrong(
    "Over which axis are the positions summed? Over the batch, the first one; each position keeps "
    "its own row."
)
def _summed_over_positions(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    return [_right(ids, d_x0, vocab_size)[0], d_x0.sum(dim=1)]


@embedding_backward.wrong(
    "What about tokens that do not come? They have a row in embed, too, and its gradient is 0: the "
    "result has a row for each id."
)
def _rows_of_seen_tokens_only(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    d_embed, d_position = _right(ids, d_x0, vocab_size)
    return [d_embed[ids.unique()], d_position]


@embedding_backward.wrong(
    "Which shape has dC/dembed? That of embed, (vocab_size, d_model); here it is transposed."
)
def _transposed(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    d_embed, d_position = _right(ids, d_x0, vocab_size)
    return [d_embed.T, d_position]


@embedding_backward.wrong(
    "Which rows get the gradient? That of each place's token. Here place after place gets its "
    "own, as if the ids were looked up in d_x0."
)
def _looked_up_again(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    rows = d_x0.flatten(0, 1)
    return [rows[torch.arange(vocab_size) % len(rows)], d_x0.sum(dim=0)]


@embedding_backward.wrong(
    "Which texts are looked at? All of the batch; here only the first one reaches embed."
)
def _first_text_only(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    return [_right(ids[:1], d_x0[:1], vocab_size)[0], d_x0.sum(dim=0)]


@embedding_backward.wrong(
    "Which shape has dC/dembed? (vocab_size, d_model): all texts of the batch look up in the same "
    "rows, so add up over the batch. Here each text has rows of its own."
)
def _rows_for_each_text(ids: Tensor, d_x0: Tensor, vocab_size: int) -> list[Tensor]:
    one_hot = F.one_hot(ids, vocab_size).to(d_x0)
    return [one_hot.mT @ d_x0, d_x0.sum(dim=0)]


@embedding_backward.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, int]]:
    yield torch.tensor([[1, 0, 1]]), torch.tensor([[[1.0, 2.0], [3.0, 4.0], [10.0, 20.0]]]), 4
    sizes = ((2, 3, 4, 5), (3, 5, 2, 6), (4, 2, 6, 3), (2, 7, 3, 11), (5, 4, 6, 9))
    for batch, pos, d_model, vocab_size in sizes:
        for size in (0.01, 1.0, 100.0):
            ids = torch.randint(vocab_size - 1, (batch, pos), generator=rng)
            yield ids, torch.randn(batch, pos, d_model, generator=rng) * size, vocab_size
