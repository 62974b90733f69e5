"""Random numbers for one piece of work: the same for the same seed, and nobody else's change."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """A `with` block whose random numbers of torch, on the processor, begin at this seed. After it
    they go on where they were before.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
