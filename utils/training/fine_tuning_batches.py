"""Batches of separate examples of which not every token is to be learned."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from utils.model.gpt import GPT
from utils.model.padding import pad
from utils.training.batches import check_vocabulary, fingerprint

Example = tuple[Sequence[int], Sequence[bool]]  # ids, and for each of them: is it to be learned?


class Examples:
    """Separate texts of different lengths, in passes, each in a new random order: the batches of
    fine-tuning.

    In supervised fine-tuning the answer is to be learned, the prompt is not. Shorter examples are
    padded on the right, where no real token looks, and padding is not learned. Raises ValueError
    for an example that teaches nothing.
    """

    def __init__(self, examples: Sequence[Example], batch_size: int, seed: int = 0):
        if not examples or batch_size < 1:
            raise ValueError(
                f"{len(examples)} examples and batch_size {batch_size} were given; give 1 or more "
                "of each."
            )
        self.ids = [torch.tensor(ids, dtype=torch.int64) for ids, _ in examples]
        self.learn = [torch.tensor(learn, dtype=torch.bool) for _, learn in examples]
        self.batch_size, self.seed = batch_size, seed
        for number, (ids, learn) in enumerate(zip(self.ids, self.learn, strict=True)):
            _check_example(number, ids, learn)

    @classmethod
    def for_model(
        cls, model: GPT, examples: Sequence[Example], batch_size: int, seed: int = 0
    ) -> "Examples":
        """The same, and ValueError if an example does not fit the model's context or vocabulary."""
        made, context = cls(examples, batch_size, seed), model.config.context_length
        for number, ids in enumerate(made.ids):
            if len(ids) > context + 1:
                raise ValueError(
                    f"example {number} has {len(ids)} tokens, but this model's context holds "
                    f"{context} and predicts "
                    f"one more: shorten it."
                )
            check_vocabulary(ids.numpy(), model.config)
        return made

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        places = range(number * self.batch_size, (number + 1) * self.batch_size)
        chosen = [self._example(place) for place in places]
        ids, _ = pad([self.ids[i] for i in chosen], "right")
        learn, _ = pad([self.learn[i] for i in chosen], "right")
        return {"ids": ids, "learn": learn}

    def _example(self, place: int) -> int:
        """Which example stands at `place` in the endless row of passes."""
        passed, place = divmod(place, len(self.ids))
        return int(_order(len(self.ids), self.seed, passed)[place])

    def fingerprint(self) -> str:
        """Tells other data, or other settings, from these."""
        data = torch.cat([*self.ids, *self.learn]).numpy()
        return fingerprint(data, [len(ids) for ids in self.ids], self.batch_size, self.seed)


# a batch reaches over two passes at most, unless it is larger than all the data
@lru_cache(maxsize=2)
def _order(count: int, seed: int, passed: int) -> np.ndarray:
    return np.random.default_rng([seed, passed]).permutation(count)


def _check_example(number: int, ids: Tensor, learn: Tensor) -> None:
    if ids.shape != learn.shape or ids.ndim != 1:
        raise ValueError(
            f"example {number} has {len(ids)} ids and `learn` for {len(learn)}: give one value "
            "for each id."
        )
    if not learn[1:].any():
        raise ValueError(
            f"example {number} has {len(ids)} tokens and none to learn (the first has nothing "
            "before it): leave it out."
        )
