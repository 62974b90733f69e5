"""Weights, gradients and optimizer state in shards: each process keeps its part of every tensor.

FSDP2 (torch's `fully_shard`) gathers a block's weights just before the block computes and frees
them after it. On the way back it gathers them again, adds up the block's gradients over all
processes, and leaves each with its part. The losses are those of a single process. A sharded weight
is a DTensor: it knows the whole shape, and holds a part.

torch.distributed.fsdp takes a second to import, so only who shards pays for it.
"""

import sys

import torch
import torch.distributed as dist
from torch import Tensor, nn

from utils.model.gpt import Block


def shard_weights(model: nn.Module, device: torch.device) -> None:
    """Turn the parameters of `model`, in place, into shards over all processes of the team.

    Every process has to call it, with equal weights. What is in no Block stays gathered for the
    whole pass. From then on the model is run by calling it: a method beside `forward` would find
    its weights in pieces.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.type, (dist.get_world_size(),))
    for module in list(model.modules()):
        if isinstance(module, Block):
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)


def free_gathered(model: nn.Module) -> None:
    """Back to shards after a pass without a backward pass, which would do it. Any other model stays
    as it is.
    """
    if fsdp := sys.modules.get("torch.distributed.fsdp"):
        for module in model.modules():
            if isinstance(module, fsdp.FSDPModule):
                module.reshard()


def is_sharded(tensor: Tensor) -> bool:
    """Whether this process holds only a part of it."""
    distributed = sys.modules.get("torch.distributed.tensor")
    return distributed is not None and isinstance(tensor, distributed.DTensor)


def whole(tensor: Tensor) -> Tensor:
    """A sharded tensor put together; any other as it is.

    Of a sharded one all processes have to ask at the same time.
    """
    if not is_sharded(tensor):
        return tensor
    full: Tensor = tensor.full_tensor()  # type: ignore[attr-defined]
    return full


def own_part(tensor: Tensor) -> Tensor:
    """What this process holds of it."""
    if not is_sharded(tensor):
        return tensor
    part: Tensor = tensor.to_local()  # type: ignore[attr-defined]
    return part


def placed_like(tensor: Tensor, parameter: Tensor) -> Tensor:
    """A whole tensor on the parameter's device, in shards if that one is."""
    tensor = tensor.to(parameter.device)
    if not is_sharded(parameter) or tensor.ndim == 0:  # AdamW's count of steps is one number
        return tensor
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(parameter, DTensor)
    return distribute_tensor(tensor, parameter.device_mesh, parameter.placements)
