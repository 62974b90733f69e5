"""What a model is trained on, as numbered batches: `batches[n]` is always the same, so any step can
be run again.

A batch is a dict of tensors. For language models: "ids", int64 (batch, pos), and, if not every
token is to be learned, "learn", bool (batch, pos), True for the tokens that are. A run that is
resumed, or shared by several processes, only has to know the numbers of its batches; nothing else
has to be remembered about the order of the data.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.gpt import GPT

Batch = Mapping[str, Tensor]


@runtime_checkable
class Batches(Protocol):
    """Anything with numbered batches.

    `train` asks for numbers from 0 to steps * batches_per_step - 1.
    """

    def __getitem__(self, number: int) -> Batch: ...


class RandomWindows:
    """Windows of a long text, each beginning at a random place: the usual batches of pre-training.

    `tokens`: the ids of the whole text in one row: a list, a tensor, or a numpy array, which may be
    a np.memmap of a file larger than the memory. A window is `length` tokens to read and the one
    after, so ids are (batch, length + 1).
    """

    def __init__(
        self,
        tokens: Sequence[int] | Tensor | np.ndarray,
        length: int,
        batch_size: int,
        seed: int = 0,
    ):
        self.tokens = np.asarray(tokens)
        self.length, self.batch_size, self.seed = length, batch_size, seed
        if self.tokens.ndim != 1 or (len(self.tokens) and self.tokens.dtype.kind not in "iu"):
            raise ValueError(
                f"tokens are {self.tokens.dtype} of shape {self.tokens.shape}; give the token ids "
                "of a text in one row."
            )
        if length < 1 or batch_size < 1:
            raise ValueError(
                f"length is {length} and batch_size {batch_size}; give 1 or more of each."
            )
        if len(self.tokens) <= length:
            raise ValueError(
                f"the text has {len(self.tokens)} tokens, but a window takes {length + 1}, "
                f"{length} to read and "
                f"the one after: give a longer text or a smaller length."
            )

    @classmethod
    def for_model(
        cls,
        model: GPT,
        tokens: Sequence[int] | Tensor | np.ndarray,
        batch_size: int,
        length: int | None = None,
        seed: int = 0,
    ) -> "RandomWindows":
        """Windows as long as the model's context, or `length`.

        Raises ValueError if they do not fit the model.
        """
        context = model.config.context_length
        length = context if length is None else length
        if length > context:
            raise ValueError(
                f"windows of {length} tokens were asked for, but this model's context holds "
                f"{context}: "
                f"give a smaller length."
            )
        windows = cls(tokens, length, batch_size, seed)
        check_vocabulary(windows.tokens, model.config)
        return windows

    def __getitem__(self, number: int) -> dict[str, Int64[Tensor, "batch pos"]]:
        random = np.random.default_rng([self.seed, number])
        starts = random.integers(len(self.tokens) - self.length, size=(self.batch_size, 1))
        ids = self.tokens[starts + np.arange(self.length + 1)]
        return {"ids": torch.from_numpy(ids.astype(np.int64))}

    def fingerprint(self) -> str:
        """Tells other data, or other settings, from these."""
        return fingerprint(self.tokens, self.length, self.batch_size, self.seed)


def check_vocabulary(ids: np.ndarray, config: GPTConfig) -> None:
    """Raises ValueError if there are ids that the model does not know."""
    if ids.min() < 0 or ids.max() >= config.vocab_size:
        raise ValueError(
            f"the tokens run from {ids.min()} to {ids.max()}, but this model knows 0 to "
            f"{config.vocab_size - 1}: "
            f"encode the text with the tokenizer that the model was made for."
        )


def fingerprint(data: np.ndarray, *settings: Any) -> str:
    """A short name for `data` and `settings` that no others have."""
    digest = hashlib.sha256(repr((data.dtype.str, settings)).encode("utf-8"))
    digest.update(np.ascontiguousarray(data).data)
    return digest.hexdigest()[:16]
