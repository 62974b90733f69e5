"""What chapter 06 does by hand, done by torch's own classes: data parallel by
DistributedDataParallel, tensor parallel by a plan for DTensors.

Both do the five steps of utils.teams.small_task, in each process of a team.
"""

from typing import Any

import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor.parallel import (
    ColwiseParallel,
    RowwiseParallel,
    parallelize_module,
)
from torch.futures import Future
from torch.nn.parallel import DistributedDataParallel

from utils.teams.held_bytes import held_bytes
from utils.teams.membership import Member
from utils.teams.small_task import adam, examples, five_steps, network


def data_parallel(me: Member, cap: int) -> tuple[list[float], dict[str, int], list[int]]:
    """The losses, the bytes held, and the bytes of each bucket that was sent, in all five steps.

    cap: bytes from which on DistributedDataParallel sends a bucket.
    """
    net = network(me)
    wrapped = DistributedDataParallel(net, bucket_cap_mb=cap / 2**20, init_sync=False)
    optimizer = adam(net.parameters())
    sizes: list[int] = []

    def average(state: None, bucket: dist.GradBucket) -> Future[Tensor]:
        """torch calls it with each bucket that is full."""
        sizes.append(bucket.buffer().nbytes)
        begun = dist.all_reduce(bucket.buffer(), async_op=True)

        def mean(done: Future[Any]) -> Tensor:
            total: Tensor = done.value()[0]
            return total / me.size

        on_the_way: Future[Tensor] = begun.get_future().then(mean)
        return on_the_way

    wrapped.register_comm_hook(None, average)
    x, y = map(me.share, examples())
    losses = five_steps(wrapped, optimizer, x, y)
    return losses, held_bytes(net.parameters(), optimizer), sizes


def tensor_parallel(me: Member) -> tuple[list[float], dict[str, int]]:
    """The losses and the bytes held.

    Its weights are DTensors, which know how they are cut. torch writes a layer as x Wᵀ, so what it
    calls a column is a row of `weight`.
    """
    mesh = init_device_mesh(me.device.type, (me.size,))
    plan = {"0": ColwiseParallel(), "2": RowwiseParallel()}
    net = parallelize_module(network(me), mesh, plan)
    optimizer = adam(net.parameters())
    x, y = (one.to(me.device) for one in examples())
    return five_steps(net, optimizer, x, y), held_bytes(net.parameters(), optimizer)
