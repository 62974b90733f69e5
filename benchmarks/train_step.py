"""A training step beside a plain peer: transformers' GPT-2 of the same shape in a loop of ten
lines.

    python benchmarks/train_step.py

Both begin with the same weights, read the same batches, and have the same two decay groups,
clipping and learning rates; their losses in the first round must agree, or the comparison stops.
They take turns, a round of steps each. Shows the median round in milliseconds per step, and the
ratio of the two in each round: its median, smallest and largest. Threads: as OMP_NUM_THREADS says,
or as torch chooses.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
import transformers
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from utils.loading.huggingface import huggingface_model
from utils.model.gpt import GPT
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.loop import train
from utils.training.schedule import learning_rate

# Name: vocabulary, context, layers, heads, width, windows in a batch.
SHAPES = {
    "0.2 M, as in the lesson": (65, 64, 4, 4, 64, 16),
    "1.7 M": (1024, 128, 4, 4, 176, 16),
    "11.6 M": (4096, 256, 4, 8, 448, 2),
}
SETTINGS = {"steps": 4, "learning_rate": 3e-4, "warmup_steps": 1}


def same_models(shape: tuple[int, ...]) -> tuple[GPT, GPT2LMHeadModel]:
    vocab, context, layers, heads, width, _ = shape
    sizes = {
        "vocab_size": vocab,
        "n_positions": context,
        "n_embd": width,
        "n_layer": layers,
        "n_head": heads,
    }
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.manual_seed(0)
    peer = GPT2LMHeadModel(GPT2Config(**sizes, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0))
    with tempfile.TemporaryDirectory() as folder:
        peer.save_pretrained(folder)
        return huggingface_model(Path(folder), torch.float32, torch.device("cpu")), peer.train()


def plain_loop(model: GPT2LMHeadModel, batches: RandomWindows, config: TrainConfig) -> list[float]:
    matrices = [
        p
        for name, p in model.named_parameters()
        if p.ndim == 2 and "wte" not in name and "wpe" not in name
    ]
    others = [
        p for name, p in model.named_parameters() if p.ndim < 2 or "wte" in name or "wpe" in name
    ]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    optimizer, losses = torch.optim.AdamW(groups, betas=config.betas), []
    for step in range(config.steps):
        ids = batches[step]["ids"]
        logits = model(ids[:, :-1]).logits
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), config.clip)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        optimizer.step()
        losses.append(loss.item())
    return losses


def timed(run: Callable[[], list[float]]) -> tuple[float, list[float]]:
    began = time.perf_counter()
    losses = run()
    return 1000 * (time.perf_counter() - began) / len(losses), losses


def compare(shape: tuple[int, ...], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds per step in each round, ours and the peer's; the first round only warms up."""
    ours, peer = same_models(shape)
    vocab, context, *_, batch = shape
    tokens = torch.randint(vocab, (50_000,))
    milliseconds = [], []
    for number in range(rounds + 1):
        batches, config = (
            RandomWindows(tokens, context, batch, seed=number),
            TrainConfig(**SETTINGS),
        )
        ours_ms, losses = timed(
            lambda b=batches, c=config: train(ours, b, c, progress=False).losses
        )
        peer_ms, peer_losses = timed(lambda b=batches, c=config: plain_loop(peer, b, c))
        if number == 0:  # later the weights drift apart, for rounding errors grow at every step
            torch.testing.assert_close(
                torch.tensor(losses), torch.tensor(peer_losses), rtol=1e-4, atol=0
            )
        else:
            milliseconds[0].append(ours_ms), milliseconds[1].append(peer_ms)
    return milliseconds


def main(rounds: int = 7) -> None:
    print(
        f"torch {torch.__version__}, transformers {transformers.__version__}, threads: "
        f"{torch.get_num_threads()}"
    )
    print("| shape | tokens a step | ours ms | peer ms | ours / peer | smallest | largest |")
    print("|---|---|---|---|---|---|---|")
    for name, shape in SHAPES.items():
        ours, peer = compare(shape, rounds)
        ratios = [a / b for a, b in zip(ours, peer, strict=True)]
        medians = f"{statistics.median(ours):.1f} | {statistics.median(peer):.1f} | {statistics.median(ratios):.2f}"
        print(
            f"| {name} | {shape[1] * shape[5]:,} | {medians} | {min(ratios):.2f} | "
            f"{max(ratios):.2f} |"
        )


if __name__ == "__main__":
    main()
