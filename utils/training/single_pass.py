"""A text read from end to end once, and, if there are more batches than that, again and again."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from utils.training.batches import fingerprint


class ShuffledWindows:
    """A text cut into windows that do not overlap, in random order. No token is learned twice
    before all have been learned once; then comes the next pass, in another order.

    `tokens`: the ids of the whole text in one row. A window is `length` tokens to read and the one
    after, so ids are (batch, length + 1). Windows that do not fill a batch, and tokens that do not
    fill a window, are left out of a pass. ValueError if the text does not fill one batch.
    """

    def __init__(
        self, tokens: Sequence[int] | np.ndarray, length: int, batch_size: int, seed: int = 0
    ):
        self.tokens = np.asarray(tokens)
        self.length, self.batch_size, self.seed = length, batch_size, seed
        self.windows = (len(self.tokens) - 1) // length
        self.batches_in_a_pass = self.windows // batch_size
        self._kept_pass, self._kept_order = -1, np.array([], dtype=np.int64)
        if self.batches_in_a_pass < 1:
            raise ValueError(
                f"the text has {len(self.tokens)} tokens, but a batch of {batch_size} windows of "
                f"{length} takes {batch_size * length + 1}: give a longer text or a smaller batch."
            )

    def __getitem__(self, number: int) -> dict[str, Int64[Tensor, "batch pos"]]:
        which_pass, place = divmod(number, self.batches_in_a_pass)
        chosen = self._order(which_pass)[place * self.batch_size : (place + 1) * self.batch_size]
        ids = self.tokens[chosen[:, None] * self.length + np.arange(self.length + 1)]
        return {"ids": torch.from_numpy(ids.astype(np.int64))}

    def _order(self, which_pass: int) -> np.ndarray:
        """The windows of a pass in their order, that of the last pass asked for kept ready."""
        if which_pass != self._kept_pass:
            chance = np.random.default_rng([self.seed, which_pass])
            self._kept_order = chance.permutation(self.windows)
            self._kept_pass = which_pass
        return self._kept_order

    def fingerprint(self) -> str:
        """Tells other data, or other settings, from these."""
        return fingerprint(self.tokens, self.length, self.batch_size, self.seed)
