"""What a process holds, counted by hand: alone, and with shards in a team."""

import torch
from torch import nn

from utils.teams.held_bytes import held_bytes
from utils.teams.processes import ProcessTeam


def trained(model, optimizer):
    model(torch.ones(4, 6)).sum().backward()
    optimizer.step()
    return held_bytes(model.parameters(), optimizer)


def small():
    return nn.Linear(6, 10)  # 70 weights


def test_of_one_process():
    model = small()
    adam = trained(model, torch.optim.AdamW(model.parameters()))
    # two averages a weight, and a count of steps for each of the two tensors
    assert adam == {"weights": 280, "gradients": 280, "optimizer": 2 * 280 + 2 * 4}
    model = small().double()
    model.bias.requires_grad_(False)
    plain = torch.optim.SGD([model.weight], momentum=0.5)
    model(torch.ones(4, 6).double()).sum().backward()
    plain.step()
    held = held_bytes(model.parameters(), plain)
    assert held == {"weights": 560, "gradients": 480, "optimizer": 480}


def in_weight_shards(me):
    from torch.distributed.fsdp import fully_shard

    model = small()
    fully_shard(model)
    return trained(model, torch.optim.AdamW(model.parameters()))


def in_optimizer_shards(me):
    from torch.distributed.optim import ZeroRedundancyOptimizer

    model = small()
    kind = torch.optim.AdamW
    return trained(model, ZeroRedundancyOptimizer(model.parameters(), optimizer_class=kind))


def test_of_shards_only_the_own_part():
    with ProcessTeam(2) as team:
        shards = [one.value for one in team.run(in_weight_shards)]
        zero = [one.value for one in team.run(in_optimizer_shards)]
    assert shards == [{"weights": 140, "gradients": 140, "optimizer": 288}] * 2
    # the matrix in one process, the bias in the other; each tensor has its count
    assert [one["weights"] for one in zero] == [280, 280]
    assert sorted(one["optimizer"] for one in zero) == [2 * 40 + 4, 2 * 240 + 4]
