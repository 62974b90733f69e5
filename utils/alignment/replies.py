"""Prompts with a reply each, as tensors: packed from lists, or written by a model that samples
until it ends.

A row is: padding, prompt, reply, padding. Prompts end in the same column, so that all replies begin
together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from utils.generation.sampling import refuse_nan, sample
from utils.model.gpt import GPT
from utils.model.padding import pad


@dataclass(frozen=True)
class Replies:
    """A batch of token ids and what they are.

    `real`: no padding. `reply`: of the reply, its end token included.
    """

    ids: Int64[Tensor, "batch pos"]
    real: Bool[Tensor, "batch pos"]
    reply: Bool[Tensor, "batch pos"]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: Int64[Tensor, " some"] | slice) -> "Replies":
        return Replies(self.ids[rows], self.real[rows], self.reply[rows])

    @property
    def written(self) -> Bool[Tensor, "batch pos_minus_1"]:
        """`reply` without the first column: which of the predictions of ids[:, 1:] belong to the
        reply.
        """
        return self.reply[:, 1:]

    @property
    def last(self) -> Int64[Tensor, " batch"]:
        """The column of each row's last real token."""
        return (self.real * torch.arange(self.real.shape[1], device=self.real.device)).argmax(dim=1)

    def tokens(self) -> list[list[int]]:
        """The ids of each reply, without prompt and padding."""
        return [row[of_reply].tolist() for row, of_reply in zip(self.ids, self.reply, strict=True)]


def pack(prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> Replies:
    """Lists of ids as one batch: prompts padded on the left, replies on the right, with id 0.

    Raises ValueError if there are no rows, not as many replies as prompts, or an empty one among
    them.
    """
    if len(prompts) != len(replies) or not prompts:
        raise ValueError(
            f"{len(prompts)} prompts and {len(replies)} replies were given; give one reply to "
            "each prompt."
        )
    if not all(map(len, prompts)) or not all(map(len, replies)):
        raise ValueError(
            "a prompt or a reply has no tokens; each needs one or more (a reply at least its end "
            "token)."
        )
    asked, is_asked = pad(prompts, "left")
    answered, is_answered = pad(replies, "right")
    ids = torch.cat([asked, answered], dim=1)
    real = torch.cat([is_asked, is_answered], dim=1)
    reply = torch.cat([torch.zeros_like(is_asked), is_answered], dim=1)
    return Replies(ids, real, reply)


@torch.no_grad()
def sample_replies(
    model: GPT,
    prompts: Sequence[Sequence[int]],
    *,
    end_id: int,
    max_new_tokens: int,
    generator: torch.Generator,
) -> Replies:
    """Let the model write a reply to each prompt, at temperature 1, so exactly with the
    probabilities that it gives.

    A reply ends with `end_id`, which is part of it: to end is a decision too. One of
    `max_new_tokens` tokens may lack it. The generator is a CPU one on every device. Raises
    ValueError where prompt and reply exceed the context.
    """
    if max_new_tokens < 1:
        raise ValueError(
            f"max_new_tokens is {max_new_tokens}; a reply has at least one token, so give 1 or "
            "more."
        )
    device = model.device
    # for the padding; the first token is drawn below
    batch = pack(prompts, [[end_id]] * len(prompts))
    ids, real = batch.ids[:, :-1].to(device), batch.real[:, :-1].to(device)
    reply = torch.zeros_like(real)
    cache = model.new_cache(len(ids), ids.shape[1] + max_new_tokens - 1)
    writing = torch.ones(len(ids), dtype=torch.bool, device=device)
    new, new_real = ids, real
    for _ in range(max_new_tokens):
        token = (
            _draw(model.next_logits(new, new_real, cache), generator).to(device).where(writing, 0)
        )
        new, new_real = token[:, None], writing[:, None]
        ids, real, reply = (
            torch.cat(c, dim=1) for c in ((ids, new), (real, new_real), (reply, new_real))
        )
        writing = writing & (token != end_id)
        if not writing.any():
            break
    return Replies(ids, real, reply)


def _draw(
    logits: Float[Tensor, "batch vocab"], generator: torch.Generator
) -> Int64[Tensor, " batch"]:
    probabilities = refuse_nan(logits.double().softmax(dim=-1)).cpu()
    return sample(probabilities, torch.rand(len(logits), dtype=torch.float64, generator=generator))
