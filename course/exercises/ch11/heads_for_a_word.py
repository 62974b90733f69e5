"""Exercise 11.4: what each head adds to the logit of one word over that of another."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "11.4",
    minutes=8,
    atol=1e-5,
    hints=(
        "How does the model get from the stream to a logit? RMS norm, times gain, dot product with "
        "the word's row. A head is a part of the stream, so it takes the same way.",
        "The norm divides by one number for the whole stream: the root of the mean of its squares, "
        "plus eps. A part is divided by that same number, not by one of its own; else the parts do "
        "not add up.",
        "scale = gain / torch.sqrt(stream.square().mean() + eps). Then (wrote * scale) @ (word - "
        "other).",
    ),
)
def heads_for_a_word(
    wrote: torch.Tensor,
    stream: torch.Tensor,
    gain: torch.Tensor,
    eps: float,
    word: torch.Tensor,
    other: torch.Tensor,
) -> torch.Tensor:
    """What each head adds to the logit of a word, over that of another word.

    The model's logit of a word is the dot product of its row of the unembedding with
    stream / sqrt(mean of stream² + eps) * gain. If the heads were all that is in the
    stream, your answers would add up to the difference of the two logits.

    wrote: what each head has added to the stream, at the last position, shape (head,
        d_model).
    stream: the whole stream there, after all layers, shape (d_model,).
    gain, eps: of the final norm, shape (d_model,) and a small number.
    word, other: the rows of the two words in the unembedding, shape (d_model,).
    Returns for each head how much it raises the logit of `word` over that of `other`,
    shape (head,).
    """
    scale = gain / torch.sqrt(stream.square().mean() + eps)
    return (wrote * scale) @ (word - other)


@heads_for_a_word.also_right
def _two_logits_in_float64(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    root = (stream.double().pow(2).mean() + eps).sqrt()
    normed = wrote.double() / root * gain.double()
    logits = normed @ torch.stack([word, other]).double().T
    return logits[:, 0] - logits[:, 1]


@heads_for_a_word.also_right
def _gradient_of_a_frozen_norm(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    # what the direction is in the stream itself
    direction = gain * (word - other) * torch.rsqrt(F.mse_loss(stream, stream * 0) + eps)
    return torch.einsum("hm,m->h", wrote, direction)


@heads_for_a_word.also_right
def _head_by_head(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    root = (float(stream @ stream) / len(stream) + eps) ** 0.5
    found = [(float((w * gain) @ word) - float((w * gain) @ other)) / root for w in wrote]
    return torch.tensor(found)


def _scaled(wrote: Tensor, stream: Tensor, gain: Tensor, eps: float) -> Tensor:
    return wrote * gain * torch.rsqrt(stream.square().mean() + eps)


@heads_for_a_word.wrong(
    "Whose root divides a head? That of the whole stream. Here each head is divided by its own, as if "
    "it were alone, and the parts no longer add up."
)
def _each_by_its_own_norm(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return F.rms_norm(wrote, gain.shape, gain, eps) @ (word - other)


@heads_for_a_word.wrong(
    "What stands between the stream and the logits? The final norm. Here the heads meet the "
    "unembedding as they are."
)
def _no_norm(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return wrote @ (word - other)


@heads_for_a_word.wrong(
    "Where is the gain? After the division each number is multiplied by its own."
)
def _no_gain(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return _scaled(wrote, stream, torch.ones_like(gain), eps) @ (word - other)


@heads_for_a_word.wrong(
    "Is the gain the whole norm? The stream is also divided by the root of its mean square."
)
def _gain_only(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return wrote * gain @ (word - other)


@heads_for_a_word.wrong(
    "Which word is it for? A head that speaks for `word` is above 0: word - other, not the other way "
    "round."
)
def _words_swapped(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return _scaled(wrote, stream, gain, eps) @ (other - word)


@heads_for_a_word.wrong(
    "Against whom? The logit of the other word has to be taken away; this is the logit of the first "
    "alone."
)
def _one_logit(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return _scaled(wrote, stream, gain, eps) @ word


@heads_for_a_word.wrong(
    "Sum or mean of the squares? The M in RMS is the mean: divide by d_model under the root."
)
def _sum_under_the_root(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return wrote * gain @ (word - other) / (stream.square().sum() + eps).sqrt()


@heads_for_a_word.wrong("Where is the root? This divides by the mean square itself.")
def _no_root(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return wrote * gain @ (word - other) / (stream.square().mean() + eps)


@heads_for_a_word.wrong(
    "One number, or one for each head? These have been added up; each head's part is asked for."
)
def _added_up(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return (_scaled(wrote, stream, gain, eps) @ (word - other)).sum()


@heads_for_a_word.wrong(
    "Is the norm that of the heads together? There is more in the stream: use the root of `stream`."
)
def _norm_of_the_heads(
    wrote: Tensor, stream: Tensor, gain: Tensor, eps: float, word: Tensor, other: Tensor
) -> Tensor:
    return _scaled(wrote, wrote.sum(dim=0), gain, eps) @ (word - other)


@heads_for_a_word.inputs
def _parts(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor, float, Tensor, Tensor]]:
    eye = torch.eye(2)
    yield torch.tensor([[3.0, 4.0], [6.0, 0.0]]), torch.tensor([9.0, 5.0]), eye.sum(0), 0.0, *eye
    for head, d_model in ((1, 3), (3, 2), (2, 5), (4, 4), (9, 20)):
        for size, eps in ((1.0, 1e-5), (5.0, 0.5), (0.2, 0.01)):
            wrote = size * torch.randn(head, d_model, generator=rng)
            stream = wrote.sum(dim=0) + size * torch.randn(d_model, generator=rng)
            gain = 0.5 + 2 * torch.rand(d_model, generator=rng)
            yield wrote, stream, gain, eps, *torch.randn(2, d_model, generator=rng)
