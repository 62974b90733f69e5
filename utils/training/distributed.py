"""Several processes that train one model together, each on its share of the batches (data
parallelism).

    torchrun --nproc-per-node 2 my_training.py

starts my_training.py twice and tells each copy its rank through environment variables. Every
process holds the whole model. At each step the gradients are added up over all of them, so all make
the same update, and the models stay equal. With TrainConfig(shard_weights=True) each holds a part
of every weight instead; see utils.training.weight_shards.

On two machines, with a folder that both can see, the same script, once on each:

    torchrun --nnodes 2 --nproc-per-node 8 --node-rank 0 --master-addr 10.0.0.1 \\
        --master-port 29500 my_training.py

with --node-rank 1 on the second. The address is that of the first machine.
"""

import atexit
import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn

from utils.model.device import pick_device


@dataclass(frozen=True)
class Team:
    """This process among those that train together; without torchrun a team of one."""

    rank: int = 0  # 0 writes files and shows progress
    size: int = 1

    def share(self, first: int, count: int) -> range:
        """Which of the batches `first`, ..., `first + count - 1` are this process's."""
        return range(first + self.rank, first + count, self.size)

    def total(self, values: Sequence[float | int], device: torch.device) -> list[float]:
        """Each value added up over all processes."""
        if self.size == 1:
            return [float(value) for value in values]
        sums = torch.tensor(values, dtype=torch.float64, device=device)
        dist.all_reduce(sums)
        return sums.tolist()

    def check_alike(self, done: int, batches_per_step: int, device: torch.device) -> None:
        """Raises ValueError if the processes cannot share a step's batches, or do not begin at the
        same step.
        """
        if batches_per_step % self.size:
            raise ValueError(
                f"{self.size} processes cannot share {batches_per_step} batches per step evenly: "
                f"give a batches_per_step that is a multiple of {self.size}."
            )
        if self.total([done], device) != [done * self.size]:
            raise ValueError(
                f"process {self.rank} has {done} steps behind it and others do not: "
                f"give a folder that all processes can see."
            )

    def check_folder(self, has_checkpoint: bool, device: torch.device) -> None:
        """Raises ValueError if some processes see a checkpoint and others do not."""
        if self.total([has_checkpoint], device) != [has_checkpoint * self.size]:
            sees = "a checkpoint" if has_checkpoint else "no checkpoint"
            raise ValueError(
                f"process {self.rank} finds {sees} in its folder and others do not agree: "
                f"give a folder that all processes can see."
            )

    def first_says(self, said: bool, device: torch.device) -> bool:
        """What rank 0 says, in all processes: each has a clock of its own."""
        return self.total([said and self.rank == 0], device) == [1.0]

    def add_up_gradients(self, parameters: Sequence[Tensor]) -> None:
        """Each gradient becomes its sum over all processes.

        One that is nowhere stays None, as in a single process.
        """
        if self.size == 1:
            return
        present = self.total([p.grad is not None for p in parameters], parameters[0].device)
        for parameter, somewhere in zip(parameters, present, strict=True):
            if somewhere:
                parameter.grad = (
                    torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                )
                dist.all_reduce(parameter.grad)

    def copy_from_first(self, model: nn.Module) -> None:
        """Give every process the weights of rank 0: each has drawn its own random ones."""
        if self.size > 1:
            for tensor in (*model.parameters(), *model.buffers()):
                dist.broadcast(tensor.detach(), src=0)


def join_team(device: torch.device) -> Team:
    """The team that this process belongs to: one that has met already, or the one that torchrun has
    started, met over gloo (CPU) or NCCL (GPU); a team of one without either.
    """
    if not dist.is_available():
        return Team()
    if not dist.is_initialized():
        if not dist.is_torchelastic_launched():
            return Team()
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(dist.destroy_process_group)
    return Team(dist.get_rank(), dist.get_world_size())


def own_device(device: str | torch.device | None = None) -> torch.device:
    """What `pick_device` says; where that is CUDA and torchrun started this process, the GPU that
    is its own.
    """
    picked, rank = pick_device(device), os.environ.get("LOCAL_RANK")
    if picked.type != "cuda" or rank is None:
        return picked
    torch.cuda.set_device(int(rank))
    return torch.device("cuda", int(rank))
