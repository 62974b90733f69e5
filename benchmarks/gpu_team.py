"""A short training run on one card, by one process or by two: started by benchmarks/gpu.py.

    python benchmarks/gpu_team.py cuda
    torchrun --standalone --nproc-per-node 2 benchmarks/gpu_team.py cuda

Two meet over gloo, as NCCL refuses two processes on one card. The first of them prints the losses.
"""

import json
import sys

import torch
import torch.distributed as dist

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.loop import train

STEPS = 10
SIZES = {"vocab_size": 101, "context_length": 32, "n_layer": 2, "n_head": 4, "d_model": 64}


def losses(device: torch.device) -> list[float]:
    """Of a short training run; of all processes together, where there are several."""
    torch.manual_seed(0)
    model = GPT(GPTConfig(**SIZES)).to(device)
    tokens = torch.randint(101, (20_000,), generator=torch.Generator().manual_seed(1))
    batches = RandomWindows(tokens, SIZES["context_length"], 8, seed=2)
    return train(
        model, batches, TrainConfig(steps=STEPS, batches_per_step=2), progress=False
    ).losses


def main(device: torch.device) -> None:
    several = dist.is_torchelastic_launched()
    if several:  # before `train` would meet over NCCL
        dist.init_process_group("gloo")
    found = losses(device)
    if not several or dist.get_rank() == 0:
        print(json.dumps(found))
    if several:
        dist.destroy_process_group()


if __name__ == "__main__":
    main(torch.device(sys.argv[1]))
