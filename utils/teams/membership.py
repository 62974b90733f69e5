"""Who a process is in its team."""

from dataclasses import dataclass, field
from functools import partial

import torch


@dataclass(frozen=True)
class Member:
    """What a function that runs in a team is told; without arguments a team of one."""

    rank: int = 0
    size: int = 1
    # where its tensors belong
    device: torch.device = field(default_factory=partial(torch.device, "cpu"))

    def share(self, rows: torch.Tensor) -> torch.Tensor:
        """This process's part of the rows of a batch, on its device.

        Raises ValueError if they cannot be dealt out evenly: the mean of the parts' means would not
        be the mean.
        """
        if len(rows) % self.size:
            raise ValueError(
                f"{len(rows)} rows cannot be shared evenly by {self.size} processes: give a "
                f"multiple of {self.size}."
            )
        return rows.chunk(self.size)[self.rank].to(self.device)
